import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { APP_ROOT, PAGES } from '../../shared/grafana.ts';
import { findChromium, launchChromium } from './chromium.ts';
import { Tab } from './page.ts';

/** The parts of the app outside its pages: menus, navigation, roles. */
describe.skipIf(!findChromium())('the app within Grafana', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  it.each(inject('previews') ?? [])(
    'a panel’s menu opens its run, whose query names no source, in $name',
    async ({ url }) => {
      const tab = await Tab.open(browser, url);
      await tab.go('/d/preview?panel=gantt');
      await tab.page.waitForURL(/var-run_id=/);
      const panel = tab.page.getByRole('region', { name: /^Tasks of/ }).last();
      await panel.hover();
      await panel.getByRole('button', { name: /^Menu for panel/ }).click();
      await tab.page.getByRole('menuitem', { name: 'Extensions', exact: true }).hover();
      await tab.page.getByRole('menuitem', { name: 'Open this run' }).click();
      await tab.page.waitForURL(/\/run\?.*source=runbeat/);
      await tab.page.getByRole('tab', { name: 'Gantt' }).waitFor();
      expect(tab.complaints).toEqual([]);
      await tab.close();
    },
  );

  it('lists the pages, and the configuration only for Admins', async () => {
    const { url } = inject('previews')[0]!;
    for (const role of ['Viewer', 'Admin'] as const) {
      const tab = await Tab.open(browser, url, { role });
      await tab.go(PAGES.health);
      const links = tab.page.getByRole('navigation', { name: 'Preview' }).getByRole('link');
      await links.getByText('Flows', { exact: true }).waitFor();
      const texts = (await links.allInnerTexts()).map((text) => text.trim());
      expect(texts).toEqual(expect.arrayContaining(['Lookup', 'Health', 'Flows']));
      expect(texts.includes('Configuration')).toBe(role === 'Admin');
      await tab.close();
    }
  });

  it('opens the lookup from its own entry', async () => {
    const tab = await Tab.open(browser, inject('previews')[0]!.url);
    await tab.go(APP_ROOT);
    await tab.page.waitForURL(new RegExp(`${PAGES.lookup}`));
    await tab.close();
  });

  it('refuses a page above a person’s role', async () => {
    const tab = await Tab.open(browser, inject('previews')[0]!.url, { role: 'Viewer' });
    await tab.go(APP_ROOT.replace('/a/', '/plugins/'));
    await tab.sees('Access denied');
    await tab.close();
  });
});
