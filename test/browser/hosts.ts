import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HostPackages } from '../../preview/buildHost.ts';
import { startPreview, type Preview, type PreviewOptions } from '../../preview/server.ts';

const HERE = path.dirname(fileURLToPath(import.meta.url));

/** The Grafanas that one build of the plugin has to run in, as the packages that their pages are built from. */
export const HOSTS: readonly { name: string; packages: HostPackages | undefined }[] = [
  { name: 'Grafana 13.2 (React 19)', packages: undefined },
  { name: 'Grafana 12.4 (React 18)', packages: { folder: path.join(HERE, 'hosts/grafana-12') } },
];

/** Installs a host's packages from its lock file, where they are missing. */
export function installHosts(): void {
  for (const { name, packages } of HOSTS) {
    if (!packages || existsSync(path.join(packages.folder, 'node_modules/@grafana/ui/package.json'))) continue;
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    const done = spawnSync(npm, ['ci', '--no-audit', '--no-fund'], { cwd: packages.folder, encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`The packages of ${name} could not be installed:\n${done.stderr}`);
  }
}

/** A preview of the same exporter in each Grafana. */
export async function startInEach(options: Omit<PreviewOptions, 'listen' | 'packages'>): Promise<NamedPreview[]> {
  const started: NamedPreview[] = [];
  for (const { name, packages } of HOSTS) {
    started.push({ name, ...(await startPreview({ ...options, listen: '127.0.0.1:0', packages })) });
  }
  return started;
}

export interface NamedPreview extends Preview {
  name: string;
}
