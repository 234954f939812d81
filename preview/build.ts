import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { RUNS_SOURCES } from '../platform/package.ts';
import { buildHost, type HostBundle, type HostPackages } from './buildHost.ts';
import { PACKED_HOST } from './packedHost.ts';
import { isBuilt } from './plugin/stamp.ts';

/** Plugin and host, built where their sources have changed since the last time; an installed package brings both. */
export async function buildPreview(packages?: HostPackages): Promise<HostBundle> {
  if (!RUNS_SOURCES) return PACKED_HOST;
  const [host] = await Promise.all([buildHost(packages), isBuilt() ? undefined : buildPluginInChild()]);
  return host;
}

/** webpack holds its thread for seconds; a process of its own leaves this one free to serve. */
function buildPluginInChild(): Promise<void> {
  const script = fileURLToPath(new URL('./buildPlugin.ts', import.meta.url));
  // By its place: the command may have been given in another folder.
  const typescript = new URL('../bin/typescriptRequired.mjs', import.meta.url).href;
  const child = spawn(process.execPath, ['--import', typescript, script], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`The plugin did not build:\n${said}`))));
  });
}
