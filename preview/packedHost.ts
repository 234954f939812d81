import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PACKAGE_ROOT } from '../platform/package.ts';
import { buildHost, type HostBundle } from './buildHost.ts';

const FOLDER = join(PACKAGE_ROOT, 'build/preview-host');

/** The host page in the published package. It is already built, because Grafana's packages are not installed with it. */
export const PACKED_HOST: HostBundle = { folder: join(FOLDER, 'page'), modules: join(FOLDER, 'modules') };

/** Files of the host's packages that are served unchanged (preview/app.ts). */
const SERVED = ['@grafana/ui/package.json', '@grafana/ui/dist/public/img/icons', 'systemjs/dist'];

/** Builds the host page and copies it to where it is packed. */
async function packHost(): Promise<void> {
  const { folder, modules } = await buildHost();
  rmSync(FOLDER, { recursive: true, force: true });
  cpSync(folder, PACKED_HOST.folder, { recursive: true });
  for (const path of SERVED) cpSync(join(modules, path), join(PACKED_HOST.modules, path), { recursive: true });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await packHost();
