import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PACKAGE_ROOT } from '../platform/package.ts';
import { buildHost, type HostBundle } from './buildHost.ts';

const FOLDER = join(PACKAGE_ROOT, 'build/preview-host');

/** The host page as the published package brings it: built, because Grafana's packages are not installed with it. */
export const PACKED_HOST: HostBundle = { folder: join(FOLDER, 'page'), modules: join(FOLDER, 'modules') };

/** What of the host's packages is served as it is (preview/app.ts). */
const SERVED = ['@grafana/ui/package.json', '@grafana/ui/dist/public/img/icons', 'systemjs/dist'];

/** Builds the host page and lays it where the package takes it from. */
async function packHost(): Promise<void> {
  const { folder, modules } = await buildHost();
  rmSync(FOLDER, { recursive: true, force: true });
  cpSync(folder, PACKED_HOST.folder, { recursive: true });
  for (const path of SERVED) cpSync(join(modules, path), join(PACKED_HOST.modules, path), { recursive: true });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await packHost();
