import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

let folder: string | null = null;

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
  if (existsSync(file)) return file;
  const unfinished = `${file}.${process.hrtime.bigint()}`;
  writeFileSync(unfinished, code);
  renameSync(unfinished, file);
  return file;
}
