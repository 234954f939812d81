import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { allDashboards } from '../../observability/dashboards/all.ts';
import { DEFAULT_THRESHOLDS } from '../../observability/thresholds.ts';
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
        await tab.go(`/d/${uid}?from=now-15m&to=now`);
        await tab.page.getByRole('heading', { level: 1, name: /^Runbeat/ }).waitFor();
        const heads = tab.page.locator('[data-testid*="header-container"] h2');
        await expect.poll(() => heads.count(), { timeout: 60_000 }).toBeGreaterThanOrEqual(titles.length);
        await expect.poll(() => tab.page.locator('[aria-busy="true"]').count(), { timeout: 60_000 }).toBe(0);
        await tab.screenshot(`dashboard-${uid}`);
        const cut = await heads.evaluateAll((elements) =>
          elements
            .filter((element) => element.scrollWidth > element.clientWidth + 1)
            .map((element) => element.textContent),
        );
        expect(cut).toEqual([]);
        // On a phone, a legend may scroll. Elsewhere, it must be completely visible.
        const scrolled: { title: string }[] = width === 400 ? [] : await tab.page.evaluate(SCROLLED_LEGENDS);
        expect(scrolled.filter(({ title }) => !unbounded.includes(title))).toEqual([]);
        expect(await tab.overflows()).toBe(false);
        expect(tab.complaints).toEqual([]);
      } finally {
        await tab.close();
      }
    },
  );
});

/** Legends of which a part is out of sight, with the title of their panel. */
const SCROLLED_LEGENDS = `[...document.querySelectorAll('[data-testid*="header-container"]')]
  .flatMap((head) => [...head.parentElement.querySelectorAll('*')].map((element) => ({ head, element })))
  .filter(({ element }) => /auto|scroll/.test(getComputedStyle(element).overflowY) && element.querySelector('li, th'))
  .filter(({ element }) => element.getAttribute('role') !== 'region' && element.scrollHeight > element.clientHeight + 1)
  .map(({ head, element }) => ({ title: head.querySelector('h2').textContent, legend: element.textContent }))`;
