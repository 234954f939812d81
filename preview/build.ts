import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { RUNS_SOURCES } from '../platform/package.ts';
import { buildHost, type HostBundle, type HostPackages } from './buildHost.ts';
import { PACKED_HOST } from './packedHost.ts';
import { isBuilt } from './plugin/stamp.ts';

/** Builds the plugin and the host page if their sources have changed. An installed package contains both. */
export async function buildPreview(packages?: HostPackages): Promise<HostBundle> {
  if (!RUNS_SOURCES) return PACKED_HOST;
  const [host] = await Promise.all([buildHost(packages), isBuilt() ? undefined : buildPluginInChild()]);
  return host;
}

/** Runs webpack in a separate process, because it blocks its thread for seconds. */
function buildPluginInChild(): Promise<void> {
  const script = fileURLToPath(new URL('./buildPlugin.ts', import.meta.url));
  // By absolute path, because the command may be run in another folder.
  const typescript = new URL('../bin/typescriptRequired.mjs', import.meta.url).href;
  const child = spawn(process.execPath, ['--import', typescript, script], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`The plugin did not build:\n${said}`))));
  });
}
