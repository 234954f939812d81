import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { zipSync, type Zippable } from 'fflate';
import { PACKAGE_VERSION } from '../../platform/package.ts';
import { DIST, ROOT } from './folders.ts';

/**
 * Writes a zip that `grafana cli --pluginUrl` can install, whose single root folder is the plugin's id, and next to it its SHA-256 in the
 * format of sha256sum. Returns the path of the zip.
 */
export function writeZip(pluginId: string): string {
  const folder = join(ROOT, 'artifacts');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${pluginId}-${PACKAGE_VERSION}.zip`);
  const zip = zipSync({ [pluginId]: filesOf(DIST) }, { level: 9 });
  writeFileSync(path, zip);
  const sum = createHash('sha256').update(zip).digest('hex');
  writeFileSync(`${path}.sha256`, `${sum}  ${basename(path)}\n`);
  return path;
}

function filesOf(folder: string): Zippable {
  const files: Zippable = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files[relative(folder, path).split(sep).join('/')] = new Uint8Array(readFileSync(path));
  }
  return files;
}
