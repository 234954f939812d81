import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { buildSync } from 'esbuild';

const compiled = new Map<string, string>();

/**
 * Starts a thread from a module beside `from`. In a checkout, the module is TypeScript, which threads can't run, so it is compiled
 * once. In a build, it is JavaScript already.
 */
export function startThread(from: string, name: string, options: WorkerOptions): Worker {
  const built = new URL(`${name}.js`, from);
  if (existsSync(built)) return new Worker(built, options);
  const source = fileURLToPath(new URL(`${name}.ts`, from));
  let code = compiled.get(source);
  if (code === undefined) {
    const settings = { bundle: true, platform: 'node', format: 'cjs', target: 'node20', write: false } as const;
    code = buildSync({ entryPoints: [source], ...settings }).outputFiles[0]!.text;
    compiled.set(source, code);
  }
  return new Worker(code, { ...options, eval: true });
}
