import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Folder of the dashboards in the repository, which are both provisioned and included in the app. */
export const DASHBOARD_FOLDER = 'provisioning/grafana/dashboards';

/**
 * Writes the dashboards into the plugin. Grafana imports them when the app is enabled, and again after an update if the revision differs.
 * The revision is derived from the content, so it need not be changed by hand.
 */
export function includeDashboards(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from).filter((file) => file.endsWith('.json'))) {
    const text = readFileSync(join(from, name), 'utf8');
    const dashboard = { ...(JSON.parse(text) as object), revision: revisionOf(text) };
    writeFileSync(join(to, name), `${JSON.stringify(dashboard, null, 2)}\n`);
  }
}

/** A positive number of 28 bits. */
function revisionOf(text: string): number {
  return 1 + parseInt(createHash('sha256').update(text).digest('hex').slice(0, 7), 16);
}
