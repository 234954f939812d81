import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingBinaries } from '../../platform/processes/binaries.ts';
import { startStack, type Stack } from '../../bench/stack/stack.ts';
import { DEFAULT_THRESHOLDS, sped } from '../../observability/thresholds.ts';
import { freePort } from '../../platform/postgres/embedded.ts';
import { startPreview, type Preview } from '../../preview/server.ts';
import { PAGES } from '../../shared/grafana.ts';
import { launchChromium } from './chromium.ts';
import { Tab } from './page.ts';

const FASTER = 5;
const PACE = { heartbeatInterval: 1, heartbeatThreshold: 30 / FASTER, pollInterval: 0.4 };
const ARRIVAL = 90;
const TIMEOUT = 4 * ARRIVAL * 1_000;

/** What the app shows after a scheduler was killed, with the shipped rules in a real Prometheus. */
describe.skipIf(missingBinaries('prometheus', 'alertmanager'))('an alert on the Health page', () => {
  let browser: Browser;
  let stack: Stack;
  let preview: Preview;
  let tab: Tab;

  beforeAll(async () => {
    const port = await freePort();
    stack = await startStack({ thresholds: sped(DEFAULT_THRESHOLDS, FASTER), pace: PACE, exporterPorts: [port] });
    await stack.services.exporter(port);
    preview = await startPreview({
      exporterUrl: `http://127.0.0.1:${port}`,
      prometheusUrl: stack.monitoring.url,
      listen: '127.0.0.1:0',
    });
    browser = await launchChromium();
    tab = await Tab.open(browser, preview.url);
  }, TIMEOUT);

  afterAll(async () => {
    await tab?.close();
    await browser?.close();
    await preview?.stop();
    await stack?.stop();
  }, TIMEOUT);

  it(
    'is told while it fires, with its runbook, and is gone when it is over',
    async () => {
      const scheduler = stack.services.scheduler();
      await stack.monitoring.sees('runbeat_schedulers_alive > 0', ARRIVAL);
      await stack.monitoring.sees('ALERTS', ARRIVAL, { empty: true });
      await tab.go(`${PAGES.health}?from=now-15m&to=now`);
      const alerts = tab.page.getByRole('region', { name: 'Alerts' });
      await alerts.getByText('None.').waitFor();
      await tab.screenshot('alerts-none');

      await scheduler.kill();
      await stack.webhook.arrival('RunbeatSchedulerDown', 'firing', ARRIVAL);
      await alerts.getByText('RunbeatSchedulerDown · source main').waitFor();
      await tab.screenshot('alerts-firing');
      expect(await tab.barriers()).toEqual([]);

      const [runbook] = await Promise.all([
        tab.page.context().waitForEvent('page'),
        alerts.getByRole('link', { name: 'What to do' }).click(),
      ]);
      await runbook.getByRole('heading', { name: 'RunbeatSchedulerDown' }).waitFor();
      await runbook.getByRole('heading', { name: 'What to do' }).waitFor();
      await runbook.screenshot({ path: 'artifacts/screenshots/alerts-runbook.png' });
      await runbook.close();

      await tab.go('/alerting/list');
      await tab.page.getByRole('button', { name: 'Actions of RunbeatSchedulerDown' }).click();
      await tab.page.getByRole('menuitem', { name: 'Scheduler health' }).click();
      await tab.page.waitForURL(/\/health\?source=main&uel_pid=/);
      await alerts.getByText('RunbeatSchedulerDown · source main').waitFor();

      stack.services.scheduler();
      await stack.webhook.arrival('RunbeatSchedulerDown', 'resolved', ARRIVAL);
      await alerts.getByText('None.').waitFor();
      await tab.screenshot('alerts-resolved');
      expect(tab.complaints).toEqual([]);
    },
    TIMEOUT,
  );
});
