import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Only this user may write where code is run from. */
const FOLDER = path.join(tmpdir(), `runbeat-bundles-${process.getuid?.() ?? 'user'}-${process.pid}`);

/** Puts a bundle where Node can import it and answers the file; the same bundle is written once. */
export function bundleFile(hash: string, code: string): string {
  const file = path.join(FOLDER, `${hash}.mjs`);
  if (existsSync(file)) return file;
  mkdirSync(FOLDER, { recursive: true, mode: 0o700 });
  const unfinished = `${file}.${process.hrtime.bigint()}`;
  writeFileSync(unfinished, code);
  renameSync(unfinished, file);
  return file;
}

export { FOLDER as BUNDLE_FOLDER };
