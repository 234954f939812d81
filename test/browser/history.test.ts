import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { arrive } from '../../dags/arrivals.ts';
import { METRICS } from '../../shared/metrics.ts';
import { PAGES } from '../../shared/grafana.ts';
import { openPool } from '../postgres/pool.ts';
import { findChromium, launchChromium } from './chromium.ts';
import { Tab, type Look } from './page.ts';
import { poll } from './stack.ts';

/** The past, out of a real Prometheus that has scraped the real exporter. */

const prometheusUrl = findChromium() ? inject('prometheusUrl') : null;
if (findChromium() && !prometheusUrl) {
  process.stderr.write('No prometheus was found on the PATH: the tests of the charts of the past are skipped.\n');
}

const LOOKS: readonly Look[] = [
  { theme: 'dark', width: 1280 },
  { theme: 'light', width: 400 },
];

describe.skipIf(!prometheusUrl)('history', () => {
  let browser: Browser;
  let tab: Tab | undefined;
  beforeAll(async () => {
    browser = await launchChromium();
    // Percentiles over time need transitions after the first scrape that has seen any: somebody arrives.
    const counted = `${METRICS.taskTransition.name}_count{dag_id="onboarding"}`;
    await poll(async () => (await ask(counted)) > 0, 'Prometheus to have scraped transitions');
    const pool = openPool(inject('databaseUrl'), 1);
    await arrive(pool, 1).finally(() => pool.end());
    const rate = `sum(rate(${METRICS.taskTransition.name}_bucket[1m])) > 0`;
    await poll(async () => (await ask(rate)) > 0, 'Prometheus to have seen transitions');
  });
  afterEach(async () => {
    await tab?.close();
    tab = undefined;
  });
  afterAll(() => browser?.close());

  for (const { name: host, url: base } of findChromium() ? inject('previews') : []) {
    it.each([
      ['health', PAGES.health, { 'Transition from one task to the next': 'p50, p95, p99' }],
      ['health', PAGES.health, { 'Age of the schedulers’ heartbeats': /^runbeat \S+/ }],
      ['flow', `${PAGES.flows}?dag_id=onboarding`, { Duration: 'p50, p95, p99' }],
    ])(`${host}: %s shows the series of Prometheus (%#)`, async (name, url, charts) => {
      for (const look of LOOKS) {
        tab = await Tab.open(browser, base, look);
        await tab.go(`${url}${url.includes('?') ? '&' : '?'}from=now-5m&to=now&refresh=5s`);
        for (const [title, series] of Object.entries(charts)) {
          const chart = tab.page.getByRole('group', { name: title }).getByRole('img', { name: series });
          await chart.waitFor();
          // A moment of its own may pass before a second sample is there: the page asks again by itself.
          const points = async () =>
            (await chart.locator('polyline').first().getAttribute('points'))?.split(' ').length;
          await expect.poll(points, { timeout: 20_000 }).toBeGreaterThan(1);
        }
        expect(await tab.page.getByText('History needs Prometheus').count()).toBe(0);
        expect(tab.complaints).toEqual([]);
        await tab.screenshot(`history-${name}${host.includes('18') ? '-react18' : ''}`);
        await tab.close();
      }
    });
  }
});

async function ask(expr: string): Promise<number> {
  const answer = await fetch(`${prometheusUrl}/api/v1/query?query=${encodeURIComponent(expr)}`);
  const { data } = (await answer.json()) as { data: { result: unknown[] } };
  return data.result.length;
}
