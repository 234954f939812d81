import { accessSync, constants, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A folder inside the checkout, which belongs to the owner of the code. */
const CACHE = fileURLToPath(new URL('../node_modules/.cache/runbeat', import.meta.url));

/**
 * Loads tsx with `load`. tsx caches compiled code in the system's folder for temporary files, under a predictable name. Another user
 * could create that folder first, and their code would run here. So tsx gets another folder, or no cache.
 */
export async function withPrivateCache(load) {
  const given = process.env.TMPDIR;
  if (isWritable(CACHE)) process.env.TMPDIR = CACHE;
  else process.env.TSX_DISABLE_CACHE = '1';
  await load();
  if (given === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = given;
}

function isWritable(folder) {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
