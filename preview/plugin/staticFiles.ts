import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RUNBOOK_FOLDER } from '../../shared/grafana.ts';
import { PACKAGE_VERSION } from '../../platform/package.ts';
import { DASHBOARD_FOLDER, includeDashboards } from './dashboards.ts';
import { ROOT, SOURCES, type PluginFolder } from './folders.ts';
import { renderRunbooks } from './runbooks.ts';

/** Writes everything to `out` that is not code: plugin.json with its placeholders filled in, images, and documents of the app. */
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

/** Fills in placeholders. Grafana does not do that, so with a remaining `%PLUGIN_ID%`, all links in the navigation would be dead. */
function fillPlaceholders(json: string, today: Date): string {
  const { id } = JSON.parse(json) as { id: string };
  return json
    .replaceAll('%PLUGIN_ID%', id)
    .replaceAll('%VERSION%', PACKAGE_VERSION)
    .replaceAll('%TODAY%', today.toISOString().slice(0, 10));
}
