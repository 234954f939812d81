import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LRUCache } from 'lru-cache';

/** Maximum number of bundles in the folder; those that were not used for the longest time are deleted first. */
const MOST = 1_000;

let folder: string | null = null;
const files = new LRUCache<string, true>({ max: MOST, dispose: (_, file) => rmSync(file, { force: true }) });

/**
 * A folder that only this user can have made, because code is run from it: its name can't be foretold. It goes with the
 * process.
 */
function bundleFolder(): string {
  if (folder !== null && existsSync(folder)) return folder;
  const made = mkdtempSync(path.join(tmpdir(), 'runbeat-bundles-'));
  process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  return (folder = made);
}

/** Puts a bundle where Node can import it and answers the file; the same bundle is written once. */
export function bundleFile(hash: string, code: string): string {
  const file = path.join(bundleFolder(), `${hash}.mjs`);
  if (!existsSync(file)) {
    const unfinished = `${file}.${process.hrtime.bigint()}`;
    try {
      writeFileSync(unfinished, code);
      renameSync(unfinished, file);
    } catch (error) {
      rmSync(unfinished, { force: true });
      throw error;
    }
  }
  files.set(file, true);
  return file;
}
