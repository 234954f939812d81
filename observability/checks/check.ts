/** A check of documents and generated files. Each check has its own file in this folder. */
export interface Check {
  name: string;
  /** Returns the problems, one line each with the file and what to do. Paths are relative to `root`. */
  run(root: string): Promise<string[]>;
}
