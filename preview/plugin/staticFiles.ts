import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RUNBOOK_FOLDER } from '../../shared/grafana.ts';
import { packageVersion, ROOT, SOURCES, type PluginFolder } from './folders.ts';
import { renderRunbooks } from './runbooks.ts';

/** Everything in `out` that is no code: plugin.json with version and date filled in, pictures, and the app's papers. */
export function copyStaticFiles(plugins: readonly PluginFolder[], out: string, today: Date): void {
  for (const plugin of plugins) copyPlugin(plugin.path, out, today);
  for (const name of ['README.md', 'CHANGELOG.md']) cpSync(join(SOURCES, name), join(out, name));
  cpSync(join(ROOT, 'LICENSE'), join(out, 'LICENSE'));
  renderRunbooks(join(ROOT, RUNBOOK_FOLDER), join(out, RUNBOOK_FOLDER));
}

function copyPlugin(path: string, out: string, today: Date): void {
  const [from, to] = [join(SOURCES, path), join(out, path)];
  mkdirSync(to, { recursive: true });
  const json = readFileSync(join(from, 'plugin.json'), 'utf8')
    .replaceAll('%VERSION%', packageVersion())
    .replaceAll('%TODAY%', today.toISOString().slice(0, 10));
  writeFileSync(join(to, 'plugin.json'), json);
  if (existsSync(join(from, 'img'))) cpSync(join(from, 'img'), join(to, 'img'), { recursive: true });
}
