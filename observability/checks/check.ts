/** One thing that documents and generated files promise; each check stands in a file of its own beside this one. */
export interface Check {
  name: string;
  /** What is wrong, each line with the file and what to do; empty when all is well. Paths are relative to `root`. */
  run(root: string): Promise<string[]>;
}
