import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LRUCache } from 'lru-cache';

/** Maximum number of bundles in the folder; the least recently used ones are deleted first. */
const MOST = 1_000;

let folder: string | null = null;
const files = new LRUCache<string, true>({ max: MOST, dispose: (_, file) => rmSync(file, { force: true }) });

/**
 * Creates a folder with an unpredictable name, because code is run from it: no other user can create it in advance. It is removed
 * when the process exits.
 */
function bundleFolder(): string {
  if (folder !== null && existsSync(folder)) return folder;
  const made = mkdtempSync(path.join(tmpdir(), 'runbeat-bundles-'));
  process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  return (folder = made);
}

/** Writes a bundle to a file that Node can import, and returns its path. The same bundle is written only once. */
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
