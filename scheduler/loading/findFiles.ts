import { readdirSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import type { FileFault } from '../store/dags.ts';
import { isDagFile } from './loadFile.ts';

export interface FoundFiles {
  /** Paths below the DAGs folder, in order. */
  files: string[];
  /** Folders that can't be read, such as the `lost+found` of a volume. The DAGs of the others are not affected. */
  faults: FileFault[];
}

/** Finds all DAG files below a folder, also behind links, except for hidden ones. Throws if the folder itself can't be read. */
export function findDagFiles(root: string): FoundFiles {
  const found: FoundFiles = { files: [], faults: [] };
  const visit = (folder: string, parents: readonly string[]): void => {
    const real = realpathSync(path.join(root, folder));
    // A link to a folder that holds it.
    if (parents.includes(real)) return;
    for (const name of readdirSync(real)) {
      // Hidden folders are not for people: .git, or those in which Kubernetes keeps the files of a volume twice.
      if (name === 'node_modules' || name.startsWith('.')) continue;
      const file = path.join(folder, name);
      if (!isFolder(path.join(real, name))) {
        if (isDagFile(name)) found.files.push(file);
        continue;
      }
      try {
        visit(file, [...parents, real]);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        found.faults.push({ fileloc: file, message: `${file}: the folder can't be read (${code})` });
      }
    }
  };
  visit('', []);
  return { ...found, files: found.files.sort() };
}

/** False for what is gone, too: whoever reads it says why it can't. */
function isFolder(file: string): boolean {
  try {
    return statSync(file).isDirectory();
  } catch {
    return false;
  }
}
