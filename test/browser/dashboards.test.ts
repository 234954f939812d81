import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { allDashboards } from '../../observability/dashboards/all.ts';
import { DEFAULT_THRESHOLDS } from '../../observability/thresholds.ts';
import { DASHBOARD_UIDS } from '../../shared/grafana.ts';
import { findChromium, launchChromium } from './chromium.ts';
import { Tab, type Look } from './page.ts';

const DASHBOARDS = allDashboards(DEFAULT_THRESHOLDS).map(({ uid, panels = [] }) => ({
  uid: uid!,
  titles: panels.filter(({ type }) => type !== 'row').map(({ title }) => title!),
  /** Panels of the top few at each moment: how many series those are in a range is known from the data alone. */
  unbounded: panels.filter((panel) => JSON.stringify(panel).includes('topk(')).map(({ title }) => title!),
}));
const LOOKS: readonly Look[] = [
  { theme: 'dark', width: 1920 },
  { theme: 'light', width: 1400 },
  { theme: 'dark', width: 400 },
];

/** The dashboards of the app, drawn by Grafana's own components with a real Prometheus. */
describe.skipIf(!findChromium() || !inject('prometheusUrl'))('dashboards', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  it.each(DASHBOARDS.flatMap((dashboard) => LOOKS.map((look) => ({ ...dashboard, ...look }))))(
    '$uid is whole at $width in $theme',
    async ({ uid, titles, unbounded, theme, width }) => {
      const tab = await Tab.open(browser, inject('previews')[0]!.url, { theme, width });
      try {
        const heads = tab.page.locator('[data-testid*="header-container"] h2');
        const open = async (): Promise<number> => {
          await tab.go(`/d/${uid}?from=now-15m&to=now`);
          await tab.page.getByRole('heading', { level: 1, name: /^Runbeat/ }).waitFor();
          await expect.poll(() => heads.count(), { timeout: 60_000 }).toBeGreaterThanOrEqual(titles.length);
          await expect.poll(() => tab.page.locator('[aria-busy="true"]').count(), { timeout: 60_000 }).toBe(0);
          await expect.poll(() => tab.page.evaluate(BLANK_PANELS), { timeout: 60_000 }).toEqual([]);
          return tab.page.getByText('No data', { exact: true }).count();
        };
        // Right after its start, Prometheus has no samples yet.
        await expect.poll(open, { timeout: 120_000, interval: 2_000 }).toBe(0);
        await tab.screenshot(`dashboard-${uid}`);
        expect(await heads.evaluateAll(cutOnes)).toEqual([]);
        // On a phone, a legend may scroll. Elsewhere, it must be completely visible.
        const scrolled: { title: string }[] = width === 400 ? [] : await tab.page.evaluate(SCROLLED_LEGENDS);
        expect(scrolled.filter(({ title }) => !unbounded.includes(title))).toEqual([]);
        // Long names may be cut, numbers and times may not.
        const cells = tab.page.locator('th, td:text-matches("^[0-9]")');
        expect(await cells.evaluateAll(cutOnes)).toEqual([]);
        // The site has no promises.
        if (uid === DASHBOARD_UIDS.flows) await tab.sees('No promise was judged for these DAGs. Write promises in');
        expect(await tab.overflows()).toBe(false);
        expect(tab.complaints).toEqual([]);
      } finally {
        await tab.close();
      }
    },
  );
});

/** Texts of the elements that do not have enough room for theirs. */
function cutOnes(elements: Element[]): (string | null)[] {
  return elements
    .filter((element) => element.scrollWidth > element.clientWidth + 1)
    .map((element) => element.textContent);
}

/** Titles of the panels that show neither a picture nor a text. */
const BLANK_PANELS = `[...document.querySelectorAll('[data-testid*="header-container"]')]
  .filter((head) => {
    const panel = head.parentElement;
    const texts = panel.textContent.replace(head.textContent, '').trim();
    return texts === '' && !panel.querySelector('canvas, table, svg:not([data-testid*="header-container"] svg)');
  })
  .map((head) => head.querySelector('h2').textContent)`;

/** Legends of which a part is out of sight, with the title of their panel. */
const SCROLLED_LEGENDS = `[...document.querySelectorAll('[data-testid*="header-container"]')]
  .flatMap((head) => [...head.parentElement.querySelectorAll('*')].map((element) => ({ head, element })))
  .filter(({ element }) => /auto|scroll/.test(getComputedStyle(element).overflowY) && element.querySelector('li, th'))
  .filter(({ element }) => element.getAttribute('role') !== 'region' && element.scrollHeight > element.clientHeight + 1)
  .map(({ head, element }) => ({ title: head.querySelector('h2').textContent, legend: element.textContent }))`;
