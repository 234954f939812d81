import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { arrive } from '../../dags/arrivals.ts';
import { startPreview, type Preview } from '../../preview/server.ts';
import { PAGES } from '../../shared/grafana.ts';
import { METRICS } from '../../shared/metrics.ts';
import { RECORDS } from '../../shared/records.ts';
import { openPool } from '../postgres/pool.ts';
import { launchChromium } from './chromium.ts';
import { LOOKS } from './looks.ts';
import { Tab } from './page.ts';
import { startPlainPrometheus } from './plainPrometheus.ts';
import { API_TOKEN, poll } from './stack.ts';
import type { RunningPrometheus } from '../../cli/demo/prometheus.ts';

/** Charts over time, from a real Prometheus that scrapes the real exporter. */

const prometheusUrl = inject('prometheusUrl');
if (!prometheusUrl) {
  process.stderr.write('No prometheus was found on the PATH: the tests of charts over time are skipped.\n');
}

/** Longer than what is read from the raw series where there are records. */
const LONG = 'from=now-2h&to=now';

describe.skipIf(!prometheusUrl)('charts over time', () => {
  let browser: Browser;
  let tab: Tab | undefined;
  /** Of one who scrapes the exporter and has none of our rules. */
  let plain: RunningPrometheus;
  let plainPreview: Preview;
  beforeAll(async () => {
    browser = await launchChromium();
    const exporterUrl = inject('exporterUrl');
    plain = await startPlainPrometheus(exporterUrl);
    plainPreview = await startPreview({
      exporterUrl,
      apiToken: API_TOKEN,
      prometheusUrl: plain.url,
      listen: '127.0.0.1:0',
    });
    const both = async (expr: string, what: string) => {
      for (const url of [prometheusUrl!, plain.url]) await poll(async () => (await ask(url, expr)) > 0, what);
    };
    // Percentiles over time need transitions after the first scrape with any, so a user arrives.
    await both(`${METRICS.taskTransition.name}_count{dag_id="onboarding"}`, 'Prometheus to have scraped transitions');
    await somebodyArrives();
    await both(`sum(rate(${METRICS.taskTransition.name}_bucket[1m])) > 0`, 'Prometheus to have seen transitions');
  });
  afterEach(async () => {
    await tab?.close();
    tab = undefined;
  });
  afterAll(async () => {
    await plainPreview?.stop();
    await plain?.stop();
    await browser?.close();
  });

  /** The different queries that a page sends to Prometheus until a chart is drawn. */
  async function askedFor(base: string, url: string, chart: string): Promise<string[]> {
    const asked: string[] = [];
    tab = await Tab.open(browser, base);
    tab.page.on('request', (request) => {
      const { pathname, searchParams } = new URL(request.url());
      if (pathname.endsWith('/query_range')) asked.push(searchParams.get('query')!);
    });
    // The last point of a long range may be from before the first sample. The page then asks again by itself.
    await tab.go(`${url}&refresh=5s`);
    await tab.page
      .getByRole('group', { name: chart })
      .getByRole('img', { name: 'p50, p95, p99' })
      .locator('polyline')
      .first()
      // A line with one point has no length, and so counts as hidden.
      .waitFor({ state: 'attached' });
    expect(tab.complaints).toEqual([]);
    await tab.screenshot(`charts-long-${chart.split(' ')[0]!.toLowerCase()}`);
    return [...new Set(asked)];
  }

  it.each([
    [
      `${PAGES.health}?${LONG}`,
      'Transition from one task to the next',
      RECORDS.transitionBuckets,
      `sum(${RECORDS.transitionBuckets}) > 0`,
    ],
    [
      `${PAGES.flows}?dag_id=onboarding&${LONG}`,
      'Duration',
      RECORDS.runBuckets,
      `sum(rate(${RECORDS.runBuckets}{dag_id="onboarding"}[4m])) > 0`,
    ],
  ])('%s reads what the rules keep', async (url, chart, record, tells) => {
    await poll(async () => (await ask(prometheusUrl!, record)) > 0, `${record} to be kept`);
    await somebodyArrives();
    await poll(async () => (await ask(prometheusUrl!, tells)) > 0, `${record} to have grown`);
    const asked = await askedFor(inject('previews')[0]!.url, url, chart);
    expect(asked.filter((expr) => expr.includes(record))).toHaveLength(3);
    expect(asked.filter((expr) => expr.includes('seconds_bucket{'))).toEqual([]);
  });

  it('reads the raw series if there are no records', async () => {
    const url = `${PAGES.health}?${LONG}`;
    const asked = await askedFor(plainPreview.url, url, 'Transition from one task to the next');
    expect(asked.filter((expr) => expr.includes(`${METRICS.taskTransition.name}_bucket{`))).toHaveLength(3);
  });

  for (const { name: host, url: base } of inject('previews')) {
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
          // It may take a moment until there is a second sample. The page queries again by itself.
          const points = async () =>
            (await chart.locator('polyline').first().getAttribute('points'))?.split(' ').length;
          await expect.poll(points, { timeout: 20_000 }).toBeGreaterThan(1);
        }
        expect(await tab.page.getByText('Charts over time need Prometheus').count()).toBe(0);
        expect(tab.complaints).toEqual([]);
        await tab.screenshot(`charts-${name}${host.includes('18') ? '-react18' : ''}`);
        await tab.close();
      }
    });
  }
});

async function somebodyArrives(): Promise<void> {
  const pool = openPool(inject('databaseUrl'), 1);
  await arrive(pool, 1).finally(() => pool.end());
}

async function ask(url: string, expr: string): Promise<number> {
  const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expr)}`);
  const { data } = (await answer.json()) as { data: { result: unknown[] } };
  return data.result.length;
}
