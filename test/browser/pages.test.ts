import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { journeyPageUrl, PAGES, runPageUrl } from '../../shared/grafana.ts';
import { launchChromium } from './chromium.ts';
import { ALL_LOOKS, hostsOf, lookAt } from './looks.ts';
import { Tab } from './page.ts';

/** Tasks as elements, or painted if too many are visible. */
const DRAWN = '.react-flow__node, canvas[aria-hidden]';

interface Shown {
  name: string;
  url: string;
  sees?: string | RegExp;
  shows?: string;
  /** Who looks; a Viewer when left out. */
  role?: 'Admin';
}

/** Every page and panel of the built plugin, with data of the real product, in each Grafana. */

describe('pages', () => {
  let browser: Browser;
  let tab: Tab | undefined;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterEach(async () => {
    await tab?.close();
    tab = undefined;
  });
  afterAll(() => browser?.close());

  const [user, other] = inject('users');
  const run = { source: 'runbeat', dag_id: 'onboarding', run_id: `user_${user}` };
  const shown: Shown[] = [
    { name: 'lookup-start', url: PAGES.lookup, sees: 'Newest user_id' },
    {
      name: 'lookup',
      url: `${PAGES.lookup}?key=user_id&value=${user}&value=${other}&value=no-such`,
      sees: '2 of 3 ids',
    },
    { name: 'journey', url: journeyPageUrl('user_id', String(user)), sees: ', from' },
    { name: 'run-gantt', url: runPageUrl(run, 'gantt'), sees: 'receive_application' },
    // On a narrow screen the whole graph is painted, without names.
    { name: 'run-graph', url: runPageUrl(run, 'graph'), shows: DRAWN },
    { name: 'run-tasks', url: runPageUrl(run, 'tasks'), sees: 'receive_application' },
    { name: 'run-attempts', url: runPageUrl(run, 'attempts'), sees: 'receive_application' },
    { name: 'health', url: PAGES.health, sees: 'is up to date' },
    { name: 'flows', url: PAGES.flows, sees: 'user_arrivals' },
    { name: 'flow', url: `${PAGES.flows}?dag_id=onboarding`, sees: 'Slowest transitions' },
    { name: 'config', url: '/plugins/runbeat-observability-app', sees: 'First steps', role: 'Admin' },
    { name: 'data-source', url: '/connections/datasources/edit/runbeat-runs', sees: 'API token' },
    { name: 'explore', url: '/explore', sees: /^\d+ rows$/ },
    {
      name: 'panel-lookup',
      url: `/d/preview?panel=lookup&var-value=${user}&var-run_id=${run.run_id}`,
      sees: '42 of 42 tasks',
    },
    {
      name: 'panel-gantt',
      url: `/d/preview?panel=gantt&var-dag_id=onboarding&var-run_id=${run.run_id}`,
      sees: 'receive_application',
    },
    {
      name: 'panel-graph',
      url: `/d/preview?panel=graph&var-dag_id=onboarding&var-run_id=${run.run_id}`,
      shows: DRAWN,
    },
  ];

  const previews = inject('previews');
  const lookedAt = hostsOf(previews);
  for (const [at, { name: host, url: base }] of previews.entries()) {
    describe(host, () => {
      it.each(shown)(
        '$name shows what the product did, without an error, at every size and theme',
        async ({ name, url, sees, shows, role }: Shown) => {
          await lookAt(browser, [lookedAt[at]!], {
            name,
            url,
            sees: sees ? [sees] : [],
            shows,
            looks: ALL_LOOKS.map((look) => ({ ...look, ...(role && { role }) })),
          });
        },
      );

      it('answers "where is this user?" by keyboard, and links to the run', async () => {
        tab = await Tab.open(browser, base);
        await tab.go(PAGES.lookup);
        await tab.page.getByLabel('Id', { exact: true }).fill(String(user));
        await tab.page.keyboard.press('Enter');
        await tab.sees('42 of 42 tasks');
        expect(new URL(tab.page.url()).searchParams.getAll('value')).toEqual([String(user)]);
        await tab.page.getByRole('link', { name: `Gantt of run ${run.run_id}` }).focus();
        await tab.page.keyboard.press('Enter');
        await tab.sees('Where did the time go?');
        expect(new URL(tab.page.url()).searchParams.get('run_id')).toBe(run.run_id);
        expect(tab.complaints).toEqual([]);
      });

      it('shows the log of an attempt', async () => {
        tab = await Tab.open(browser, base);
        await tab.go(runPageUrl(run, 'attempts'));
        await tab.page.getByRole('button', { name: 'Log of receive_application, try 1' }).click();
        await tab.page.getByRole('dialog').getByText(/try 1/).waitFor();
        await tab.page
          .getByText(/This try has no output|./)
          .first()
          .waitFor();
        expect(tab.complaints).toEqual([]);
      });

      it('remembers searches, and finds them again without typing', async () => {
        tab = await Tab.open(browser, base);
        await tab.go(`${PAGES.lookup}`);
        await tab.page.getByLabel('Id', { exact: true }).fill(`${user}, ${other}`);
        await tab.page.keyboard.press('Enter');
        await tab.sees('2 runs for 2 of 2 ids');
        await tab.go(PAGES.lookup);
        await tab.page.getByRole('link', { name: `user_id ${user}, ${other}` }).click();
        await tab.sees('2 runs for 2 of 2 ids');
      });

      it('exports the result as CSV, with a line for each id without a run', async () => {
        tab = await Tab.open(browser, base);
        await tab.go(`${PAGES.lookup}?key=user_id&value=${user}&value=no-such`);
        const [file] = await Promise.all([
          tab.page.waitForEvent('download'),
          tab.page.getByRole('button', { name: 'CSV' }).click(),
        ]);
        const text = await streamText(await file.createReadStream());
        expect(text).toMatch(new RegExp(`^user_id,${user},success,.*,onboarding,${run.run_id},runbeat,`, 'm'));
        expect(text).toMatch(/^user_id,no-such,not found,/m);
      });

      it('lets the lookup panel set its dashboard variable', async () => {
        tab = await Tab.open(browser, base);
        await tab.go(`/d/preview?panel=lookup&var-run_id=${run.run_id}`);
        await tab.page.getByLabel('Id').fill(String(other));
        await tab.page.keyboard.press('Enter');
        await tab.page.getByTitle(`user_${other}`).waitFor();
        expect(new URL(tab.page.url()).searchParams.get('var-value')).toBe(String(other));
      });
    });
  }
});

async function streamText(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += chunk.toString();
  return text;
}
