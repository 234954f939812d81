import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { startPreview, type Preview } from '../../preview/server.ts';
import { DASHBOARD_UIDS, journeyPageUrl, PAGES, runPageUrl } from '../../shared/grafana.ts';
import { launchChromium } from './chromium.ts';
import { Tab } from './page.ts';
import { API_TOKEN } from './stack.ts';

const SUB_PATH = '/grafana';

/** A Grafana that is served under a sub-path of its host, as behind a company's proxy. */
describe('below a sub path', () => {
  let browser: Browser;
  let preview: Preview;
  let tab: Tab;
  const [user, other] = inject('users');
  const run = { source: 'runbeat', dag_id: 'onboarding', run_id: `user_${user}` };

  beforeAll(async () => {
    browser = await launchChromium();
    preview = await startPreview({
      exporterUrl: inject('exporterUrl'),
      apiToken: API_TOKEN,
      prometheusUrl: inject('prometheusUrl') ?? undefined,
      listen: '127.0.0.1:0',
      subPath: SUB_PATH,
    });
    tab = await Tab.open(browser, preview.url);
  });
  afterEach(() => expect(tab.complaints.splice(0)).toEqual([]));
  afterAll(async () => {
    await tab?.close();
    await preview?.stop();
    await browser?.close();
  });

  it.each([
    ['lookup', PAGES.lookup, 'Newest user_id'],
    ['found runs', `${PAGES.lookup}?key=user_id&value=${user}&value=${other}&value=none`, '2 of 3 ids'],
    ['one id', `${PAGES.lookup}?key=user_id&value=${user}`, '42 of 42 tasks'],
    ['a journey', journeyPageUrl('user_id', String(user)), ', from'],
    ['a run', runPageUrl(run, 'tasks'), 'receive_application'],
    ['health', PAGES.health, 'is up to date'],
    ['flows', PAGES.flows, 'user_arrivals'],
    ['a flow', `${PAGES.flows}?dag_id=onboarding`, 'Slowest transitions'],
  ])('%s leads to addresses below it', async (_, url, sees) => {
    await tab.go(SUB_PATH + url);
    await tab.sees(sees);
    const hrefs = await tab.page
      .locator('main a[href^="/"]')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href')!));
    expect(hrefs.filter((href) => !href.startsWith(`${SUB_PATH}/`))).toEqual([]);
    expect(hrefs.length).toBeGreaterThan(0);
  });

  it.each([
    ['runs', DASHBOARD_UIDS.lookup, 'scheduled__'],
    ['transitions', DASHBOARD_UIDS.flows, 'user_'],
  ])('the rows of %s on a dashboard lead to the runs that they name', async (_, uid, some) => {
    await tab.go(`${SUB_PATH}/d/${uid}?from=now-1h&to=now`);
    const links = tab.page.getByRole('region', { name: 'Rows' }).locator('a[href*="/run?"]');
    await links.first().waitFor();
    const asked = await links.evaluateAll((elements) =>
      elements.map((link) => ({ row: link.closest('tr')!.textContent, url: (link as HTMLAnchorElement).href })),
    );
    for (const { row, url } of asked) {
      const { pathname, searchParams } = new URL(url);
      expect(pathname).toBe(SUB_PATH + PAGES.run);
      // Grafana encodes what it fills into a link: a run id with a colon must not be encoded twice.
      expect(row).toContain(searchParams.get('run_id'));
    }
    expect(asked.some(({ row }) => row.includes(some))).toBe(true);
  });

  it('goes from a found run to its page and its tabs, and stays below it', async () => {
    await tab.go(`${SUB_PATH}${PAGES.lookup}?key=user_id&value=${user}`);
    await tab.page.getByRole('link', { name: `Gantt of run ${run.run_id}` }).click();
    await tab.page.getByRole('tab', { name: /Tasks/ }).click();
    await tab.sees('receive_application');
    expect(new URL(tab.page.url()).pathname).toBe(SUB_PATH + PAGES.run);
  });
});
