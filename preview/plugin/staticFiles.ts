import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RUNBOOK_FOLDER } from '../../shared/grafana.ts';
import { PACKAGE_VERSION } from '../../platform/package.ts';
import { DASHBOARD_FOLDER, includeDashboards } from './dashboards.ts';
import { ROOT, SOURCES, type PluginFolder } from './folders.ts';
import { renderRunbooks } from './runbooks.ts';

/** Everything in `out` that is no code: plugin.json with its placeholders filled in, pictures, and the app's papers. */
export function copyStaticFiles(plugins: readonly PluginFolder[], out: string, today: Date): void {
  for (const plugin of plugins) copyPlugin(plugin.path, out, today);
  for (const name of ['README.md', 'CHANGELOG.md']) cpSync(join(SOURCES, name), join(out, name));
  cpSync(join(ROOT, 'LICENSE'), join(out, 'LICENSE'));
  renderRunbooks(join(ROOT, RUNBOOK_FOLDER), join(out, RUNBOOK_FOLDER));
  includeDashboards(join(ROOT, DASHBOARD_FOLDER), join(out, 'dashboards'));
}

function copyPlugin(path: string, out: string, today: Date): void {
  const [from, to] = [join(SOURCES, path), join(out, path)];
  mkdirSync(to, { recursive: true });
  writeFileSync(join(to, 'plugin.json'), fillPlaceholders(readFileSync(join(from, 'plugin.json'), 'utf8'), today));
  if (existsSync(join(from, 'img'))) cpSync(join(from, 'img'), join(to, 'img'), { recursive: true });
}

/** Grafana fills nothing in at run time: a `%PLUGIN_ID%` that is left makes every entry of the navigation a dead link. */
function fillPlaceholders(json: string, today: Date): string {
  const { id } = JSON.parse(json) as { id: string };
  return json
    .replaceAll('%PLUGIN_ID%', id)
    .replaceAll('%VERSION%', PACKAGE_VERSION)
    .replaceAll('%TODAY%', today.toISOString().slice(0, 10));
}
