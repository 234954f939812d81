import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { freePort } from '../../platform/postgres/embedded.ts';
import { startPreview } from '../../preview/server.ts';
import { PAGES, runPageUrl } from '../../shared/grafana.ts';
import { launchChromium } from './chromium.ts';
import { Tab, type Look } from './page.ts';
import { API_TOKEN } from './stack.ts';

/** Conditions at a site that a developer's machine does not have. */
describe('situations', () => {
  let browser: Browser;
  let tab: Tab | undefined;
  const [user, other] = inject('users');
  const [base] = inject('previews').map((preview) => preview.url);

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterEach(async () => {
    await tab?.close();
    tab = undefined;
  });
  afterAll(() => browser?.close());

  async function open(url: string, look?: Look, where = base!): Promise<Tab['page']> {
    tab = await Tab.open(browser, where, look);
    await tab.go(url);
    return tab.page;
  }

  it('a browser that keeps nothing: lookups work, and many ids and past searches last until a reload', async () => {
    tab = await Tab.open(browser, base!);
    const { page } = tab;
    await page.addInitScript({ content: REFUSE_STORAGE });
    await tab.go(PAGES.lookup);
    const many = Array.from({ length: 300 }, (_, at) => `none-${at}`).join('\n');
    await page.getByLabel('Id', { exact: true }).fill(`${user}\n${many}`);
    await page.getByRole('button', { name: 'Find runs of 301' }).click();
    await tab.sees('1 run for 1 of 301 ids');
    await page.getByLabel(/^Ids/).fill(String(other));
    await page.getByRole('button', { name: 'Find runs' }).click();
    await tab.sees('42 of 42 tasks');
    await page.getByRole('navigation', { name: 'Preview' }).getByRole('link', { name: 'Lookup', exact: true }).click();
    await page.getByRole('link', { name: `user_id ${other}` }).waitFor();
    await tab.screenshot('storage-refused');
    expect(tab.complaints).toEqual([]);
  });

  it('a range in ISO 8601, as Grafana writes it', async () => {
    const range = 'from=2026-01-01T00:00:00.000Z&to=2026-01-02T00:00:00.000Z';
    const page = await open(`${PAGES.health}?${range}`);
    await page.getByText('2026-01-01 01:00:00 to 2026-01-02 01:00:00').first().waitFor();
    await tab!.sees('No outage in this time range');
    expect(tab!.complaints).toEqual([]);
    await tab!.go(`${PAGES.lookup}?key=user_id&value=${user}&use_time_range=true&${range}`);
    await tab!.sees('Only runs between 2026-01-01 01:00:00 and 2026-01-02 01:00:00');
    await tab!.sees('No run found for');
  });

  it('a panel that is repeated for two runs shows each, and its menu leads to its own', async () => {
    const runs = [user, other].map((id) => `user_${id}`);
    const query = new URLSearchParams([
      ['panel', 'gantt'],
      ['var-dag_id', 'onboarding'],
      ...runs.map((id) => ['var-run_id', id]),
    ]);
    const page = await open(`/d/preview?${query}`);
    for (const id of runs)
      await page
        .getByRole('region', { name: `Tasks of ${id}` })
        .getByText('receive_application')
        .first()
        .waitFor();
    await tab!.screenshot('panel-repeated');
    const ids = await page.locator('[id]:not(svg, svg *)').evaluateAll((elements) => elements.map(({ id }) => id));
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
    const second = page.getByRole('region', { name: `Tasks of ${runs[1]}` }).last();
    await second.hover();
    await second.getByRole('button', { name: /^Menu for panel/ }).click();
    await page.getByRole('menuitem', { name: 'Extensions', exact: true }).hover();
    await page.getByRole('menuitem', { name: 'Open this run' }).click();
    await page.waitForURL(new RegExp(`run_id=${runs[1]}`));
    expect(tab!.complaints).toEqual([]);
  });

  it.each([
    ['lookup', `${PAGES.lookup}?key=user_id&value=${user}`, '42 of 42 tasks'],
    [
      'run',
      runPageUrl({ source: 'runbeat', dag_id: 'onboarding', run_id: `user_${user}` }, 'gantt'),
      'receive_application',
    ],
    ['health', PAGES.health, 'is up to date'],
    ['flows', PAGES.flows, 'user_arrivals'],
  ])('a person who has not signed in, on a screen on a wall: %s', async (name, url, words) => {
    const page = await open(`${url}${url.includes('?') ? '&' : '?'}anonymous=true&kiosk=true`, { width: 1920 });
    await tab!.sees(words);
    expect(await page.getByRole('navigation', { name: 'Preview' }).count()).toBe(0);
    await tab!.screenshot(`kiosk-${name}`);
    expect(await tab!.overflows()).toBe(false);
    expect(await tab!.barriers()).toEqual([]);
    expect(tab!.complaints).toEqual([]);
  });

  it('the help for queries: each example becomes the query that the editor shows', async () => {
    const page = await open('/explore');
    await page.getByText('Help for queries').click();
    await tab!.screenshot('explore-help');
    expect(await tab!.barriers()).toEqual([]);
    for (const [example, shows] of [
      ['Where is this user’s run?', 'Lookup'],
      ['Which tasks started late?', 'Transitions'],
      ['Which runs failed?', 'Runs'],
    ] as const) {
      await page.getByRole('button', { name: example }).click();
      await expect.poll(() => page.getByRole('combobox').first().inputValue()).toBe(shows);
    }
    expect(tab!.complaints).toEqual([]);
  });

  it('a Prometheus that is away: what the exporter knows stays, and what is missing is named', async () => {
    const preview = await startPreview({
      ...{ exporterUrl: inject('exporterUrl'), apiToken: API_TOKEN, listen: '127.0.0.1:0' },
      prometheusUrl: `http://127.0.0.1:${await freePort()}`,
    });
    try {
      await open(PAGES.health, {}, preview.url);
      for (const words of ['is up to date', 'Prometheus did not answer, so firing alerts are unknown'])
        await tab!.sees(words);
      await tab!.sees('Age of the schedulers’ heartbeats: Prometheus did not answer');
      await tab!.screenshot('prometheus-away-health');
      expect(await tab!.barriers()).toEqual([]);
      await tab!.close();
      const page = await open('/plugins/runbeat-observability-app', { role: 'Admin' }, preview.url);
      await page.getByText(/^Prometheus does not answer: (?!no reason)/).waitFor();
      await tab!.screenshot('prometheus-away-configuration');
    } finally {
      await preview.stop();
    }
  });

  it('a Prometheus that hangs: its parts say so at each refresh, and the others show what the exporter knows', async () => {
    const asked: string[] = [];
    const hanging = createServer((request) => void asked.push(request.url!));
    await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve));
    const preview = await startPreview({
      ...{ exporterUrl: inject('exporterUrl'), apiToken: API_TOKEN, listen: '127.0.0.1:0' },
      prometheusUrl: `http://127.0.0.1:${(hanging.address() as AddressInfo).port}`,
      // Longer than the page's refresh, as in Grafana.
      proxyTimeoutMs: 7_000,
    });
    try {
      const page = await open(`${PAGES.health}?refresh=5s`, {}, preview.url);
      for (const words of ['Asking Prometheus…', 'is up to date', 'Slowest transitions']) await tab!.sees(words);
      const unknown = page.getByRole('alert').filter({ hasText: 'so firing alerts are unknown' });
      const chart = page.getByRole('alert').filter({ hasText: 'Age of the schedulers’ heartbeats: Prometheus did' });
      for (const notice of [unknown, chart]) await notice.getByText('Gateway Timeout').waitFor();
      const before = asked.length;
      await expect
        .poll(() => asked.slice(before).filter((url) => url.includes('ALERTS')), { timeout: 20_000 })
        .not.toEqual([]);
      for (const notice of [unknown, chart]) await notice.getByText('Asking again…').waitFor();
      await tab!.screenshot('prometheus-hangs-health');
    } finally {
      await preview.stop();
      hanging.close().closeAllConnections();
    }
  });
});

/**
 * As a browser does whose storage is full or switched off. One that throws at the mere look at `localStorage` does not get that
 * far: Grafana itself does not start there.
 */
const REFUSE_STORAGE = `Storage.prototype.setItem = () => {
  throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
};
Storage.prototype.getItem = () => null;`;
