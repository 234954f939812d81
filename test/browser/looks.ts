import type { Browser } from 'playwright-core';
import { expect } from 'vitest';
import { Tab, type Look } from './page.ts';

/** Each theme and each width once; all four for important pages. */
export const LOOKS: readonly Look[] = [
  { theme: 'dark', width: 1280 },
  { theme: 'light', width: 400 },
];
export const ALL_LOOKS: readonly Look[] = [...LOOKS, { theme: 'light', width: 1280 }, { theme: 'dark', width: 400 }];

/** Where a page is looked at. The second Grafana draws the same code: one look is enough to know that it runs there. */
export interface Host {
  url: string;
  /** Ends the names of its screenshots. */
  suffix: string;
  looks?: number;
}

export function hostsOf(previews: readonly { url: string }[]): Host[] {
  return previews.map(({ url }, at) => (at === 0 ? { url, suffix: '' } : { url, suffix: '-react18', looks: 1 }));
}

interface Sight {
  /** Of the screenshots. */
  name: string;
  url: string;
  sees: readonly (string | RegExp)[];
  /** CSS selector of what is drawn instead of written. */
  shows?: string;
  looks?: readonly Look[];
}

/** The same page in each Grafana, at several sizes and themes; looked at by axe where it is wide. */
export async function lookAt(browser: Browser, hosts: readonly Host[], sight: Sight): Promise<void> {
  for (const host of hosts) {
    for (const look of (sight.looks ?? LOOKS).slice(0, host.looks)) {
      const tab = await Tab.open(browser, host.url, look);
      try {
        await tab.go(sight.url);
        for (const words of sight.sees) await tab.sees(words);
        if (sight.shows) await tab.page.locator(sight.shows).first().waitFor();
        await tab.screenshot(sight.name + host.suffix);
        expect(tab.complaints).toEqual([]);
        expect(await tab.overflows()).toBe(false);
        if (look.width === 1280) expect(await tab.barriers()).toEqual([]);
      } finally {
        await tab.close();
      }
    }
  }
}
