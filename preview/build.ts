import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildHost, type HostBundle, type HostPackages } from './buildHost.ts';
import { isBuilt } from './plugin/stamp.ts';

/** Plugin and host, built where their sources have changed since the last time. */
export async function buildPreview(packages?: HostPackages): Promise<HostBundle> {
  const [host] = await Promise.all([buildHost(packages), isBuilt() ? undefined : buildPluginInChild()]);
  return host;
}

/** webpack holds its thread for seconds; a process of its own leaves this one free to serve. */
function buildPluginInChild(): Promise<void> {
  const script = fileURLToPath(new URL('./buildPlugin.ts', import.meta.url));
  // By its place: the command may have been given in another folder, from which the package can't be found by name.
  // Asked of `require`, because what runs vitest's global set-ups has no import.meta.resolve.
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const child = spawn(process.execPath, ['--import', tsx, script], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`The plugin did not build:\n${said}`))));
  });
}
