import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { prometheusRules, type AlertingRule } from '../../observability/alerts/prometheus.ts';
import { DEFAULT_THRESHOLDS } from '../../observability/thresholds.ts';
import { ROOT } from '../../preview/plugin/folders.ts';
import { renderRunbooks } from '../../preview/plugin/runbooks.ts';
import { APP_ID, RUNBOOK_FOLDER } from '../../shared/grafana.ts';

/** What Grafana serves below `/public/plugins/<app>/`. */
const served = mkdtempSync(path.join(tmpdir(), 'runbeat-runbooks-'));
afterAll(() => rmSync(served, { recursive: true, force: true }));
renderRunbooks(path.join(ROOT, RUNBOOK_FOLDER), path.join(served, RUNBOOK_FOLDER));

const alerts = Object.values(prometheusRules(DEFAULT_THRESHOLDS))
  .flatMap(({ groups }) => groups.flatMap(({ rules }) => rules))
  .filter((rule): rule is AlertingRule => 'alert' in rule);

describe('runbooks that the plugin includes', () => {
  it.each(alerts.map(({ alert, annotations }) => ({ alert, url: annotations.runbook_url! })))(
    'the link of $alert leads to its page',
    ({ alert, url }) => {
      const below = `${DEFAULT_THRESHOLDS.grafana_url}/public/plugins/${APP_ID}/`;
      expect(url.startsWith(below)).toBe(true);
      const html = readFileSync(path.join(served, url.slice(below.length)), 'utf8');
      expect(html).toContain(`<h1>${alert}</h1>`);
      expect(html).toContain('<h2>What to do</h2>');
    },
  );

  it('link to each other, and only to what exists', () => {
    const folder = path.join(served, RUNBOOK_FOLDER);
    const links = readdirSync(folder).flatMap((file) =>
      [...readFileSync(path.join(folder, file), 'utf8').matchAll(/href="([^"]+)"/g)].map(([, link]) => link!),
    );
    expect(links.length).toBeGreaterThan(5);
    expect(links.filter((link) => !existsSync(path.join(folder, link)))).toEqual([]);
  });
});
