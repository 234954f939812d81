import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { build } from 'esbuild';
import { contentHash } from '../store/dags.ts';

/** Code of a DAG file with everything that it imports, identified by its hash. */
export interface Bundle {
  hash: string;
  code: string;
  /** Absolute paths of the files that it was compiled from. */
  sources: string[];
}

const AUTHORING = ['../authoring/index.ts', '../authoring/index.js']
  .map((file) => fileURLToPath(new URL(file, import.meta.url)))
  .find(existsSync)!;

/** CommonJS packages inside the bundle call require() for Node's own modules. */
const BANNER = `import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);`;

/**
 * Compiles a DAG file to one self-contained module, so that a run keeps the code that it started with, whatever happens to the file.
 * Imports of `runbeat` resolve to the authoring module of this package. Rejects with the compiler's message.
 */
export async function bundleDagFile(file: string): Promise<Bundle> {
  const result = await build({
    entryPoints: [file],
    absWorkingDir: path.dirname(file),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    write: false,
    metafile: true,
    logLevel: 'silent',
    legalComments: 'none',
    banner: { js: BANNER },
    alias: { runbeat: AUTHORING },
    // Optional native modules, which are loaded only if they are installed.
    external: ['pg-native', '*.node'],
  });
  const code = result.outputFiles[0]!.text;
  const sources = Object.keys(result.metafile.inputs).map((source) => path.resolve(path.dirname(file), source));
  return { hash: contentHash(code), code, sources };
}
