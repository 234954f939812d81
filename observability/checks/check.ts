/** A check of documents and generated files. Each check has its own file in this folder. */
export interface Check {
  name: string;
  /** What is wrong, each line with the file and what to do; empty when all is well. Paths are relative to `root`. */
  run(root: string): Promise<string[]>;
}
