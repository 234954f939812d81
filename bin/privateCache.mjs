import { accessSync, constants, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A folder of the checkout, which belongs to whoever owns the code. */
const CACHE = fileURLToPath(new URL('../node_modules/.cache/runbeat', import.meta.url));

/**
 * Loads tsx by `load`. It keeps compiled code in the folder for temporary files, under a name that anybody can foretell:
 * whoever makes that folder first has their code run here. So it is shown another folder, or keeps nothing.
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
