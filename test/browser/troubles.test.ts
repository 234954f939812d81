import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PAGES, runPageUrl } from '../../shared/grafana.ts';
import { launchChromium } from './chromium.ts';
import { startInEach, type NamedPreview } from './hosts.ts';
import { ALL_LOOKS, hostsOf, lookAt, LOOKS, type Host } from './looks.ts';
import { Tab, type Look } from './page.ts';
import { API_TOKEN, startStack, type Stack } from './stack.ts';

/** What a person looks at at 3 a.m., in this order: an active run, a failed one, dead schedulers. */

const ODD = { run_id: 'käse 🦊 "7" a/b?c#d & 100%', user_id: '🦊 "7" O’Neil/1 + 2 & #3 50%' };
const runOf = (dag_id: string, run_id: string) => ({ source: 'runbeat', dag_id, run_id });

// Waits for heartbeats to be missed, and looks at each page up to five times.
describe('troubles', { timeout: 120_000 }, () => {
  let browser: Browser;
  let stack: Stack;
  let hosts: Host[];
  let previews: NamedPreview[] = [];
  let tab: Tab | undefined;

  beforeAll(async () => {
    browser = await launchChromium();
    stack = await startStack({
      dags: fileURLToPath(new URL('dags', import.meta.url)),
      services: ['scheduler', 'exporter'],
      heartbeatThreshold: 12,
    });
    previews = await startInEach({ exporterUrl: stack.exporterUrl, apiToken: API_TOKEN });
    hosts = hostsOf(previews);
  });
  afterEach(async () => {
    await tab?.close();
    tab = undefined;
  });
  afterAll(async () => {
    for (const preview of previews) await preview.stop();
    await stack?.stop();
    await browser?.close();
  });

  async function open(url: string, look?: Look): Promise<Tab> {
    tab = await Tab.open(browser, hosts[0]!.url, look);
    await tab.go(url);
    return tab;
  }

  /** The same page in both Grafanas. */
  const everyLook = (name: string, url: string, sees: readonly (string | RegExp)[], looks?: readonly Look[]) =>
    lookAt(browser, hosts, { name, url, sees, looks });

  it('an active run: it says so, and updates by itself', async () => {
    stack.trigger('stumbling', 'first', { user_id: 'u-1' });
    const url = runPageUrl(runOf('stumbling', 'first'), 'gantt');
    await everyLook('live-run', url, ['live', 'queued for a slot', 'fetch']);
    await open(url);
    await tab!.sees('live');
    stack.start('worker');
    // Without a reload, because the page refreshes itself while the run is active.
    await tab!.page.getByText('live', { exact: true }).waitFor({ state: 'detached', timeout: 30_000 });
    await tab!.sees('upstream failed');
    expect(tab!.complaints).toEqual([]);
  });

  it.each(['gantt', 'graph', 'tasks', 'attempts'] as const)('a failed run, as %s', async (view) => {
    const words = view === 'attempts' ? 'flaky' : 'upstream failed';
    const looks = view === 'gantt' ? ALL_LOOKS : LOOKS;
    await everyLook(`failed-run-${view}`, runPageUrl(runOf('stumbling', 'first'), view), ['failed', words], looks);
  });

  it('why it failed: the log of each try', async () => {
    const { page } = await open(runPageUrl(runOf('stumbling', 'first'), 'gantt'));
    await page.getByRole('status').getByRole('link', { name: 'All its tries' }).click();
    await tab!.sees('Tries of broken.');
    expect(
      await page
        .getByRole('row')
        .getByRole('button', { name: /^Log of/ })
        .count(),
    ).toBe(1);
    await page.getByRole('link', { name: 'Show the tries of all tasks' }).click();
    await page.getByRole('button', { name: 'Log of flaky, try 1', exact: true }).click();
    await page.getByRole('dialog').getByText('the bureau did not answer').first().waitFor();
    await page.getByLabel('Find in this log').fill('BUREAU');
    await page.getByText(/^\d of \d$/).waitFor();
    await tab!.screenshot('failed-run-log');
    expect(await tab!.barriers()).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Log of broken, try 1', exact: true }).click();
    await page.getByRole('dialog').getByText('the IBAN is of no bank').first().waitFor();
  });

  it('a run of one task, of ids that no link should choke on', async () => {
    stack.trigger('single', ODD.run_id, { user_id: ODD.user_id });
    await open(`${PAGES.lookup}?${new URLSearchParams({ key: 'user_id', value: ODD.user_id })}&from=now-1h&to=now`);
    await tab!.sees('1 of 1 tasks');
    await tab!.screenshot('odd-ids-lookup');
    await tab!.page.getByRole('link', { name: `Graph of run ${ODD.run_id}` }).click();
    await tab!.sees('Where did the time go?');
    await tab!.page.locator('.react-flow__node').getByText('only').waitFor();
    const { searchParams } = new URL(tab!.page.url());
    expect(searchParams.get('run_id')).toBe(ODD.run_id);
    expect([searchParams.get('from'), searchParams.get('to')]).toEqual(['now-1h', 'now']);
    await tab!.page.getByRole('link', { name: ODD.user_id, exact: true }).click();
    await tab!.sees('1 of 1 tasks');
    expect(new URL(tab!.page.url()).searchParams.get('value')).toBe(ODD.user_id);
    expect(tab!.complaints).toEqual([]);
    await tab!.close();
    await everyLook('odd-ids-run', runPageUrl(runOf('single', ODD.run_id), 'gantt'), ['only', ODD.run_id]);
  });

  it('one scheduler of two has died: it is named, and no alarm is raised', async () => {
    stack.start('scheduler');
    await open(PAGES.health);
    await tab!.page.getByRole('row', { name: /alive/ }).nth(1).waitFor({ timeout: 20_000 });
    await stack.kill('scheduler');
    await tab!.page.getByText('no heartbeat').waitFor({ timeout: 40_000 });
    await everyLook('health-one-of-two', PAGES.health, ['no heartbeat', 'alive']);
    await open(PAGES.health);
    await tab!.sees('no heartbeat');
    expect(await tab!.page.getByText('no run progresses').count()).toBe(0);
  });

  it('no scheduler is alive: that comes first, with the runs that it delays', async () => {
    await stack.kill('scheduler');
    stack.trigger('single', 'stuck', { user_id: 'u-2' });
    await open(PAGES.health);
    await tab!.page.getByText('no run progresses').waitFor({ timeout: 40_000 });
    await tab!.page.getByText('ongoing').waitFor({ timeout: 20_000 });
    await everyLook(
      'health-none-alive',
      PAGES.health,
      ['no run progresses', 'ongoing', /\d+ runs? delayed/],
      ALL_LOOKS,
    );
    await everyLook('run-not-taken-up', runPageUrl(runOf('single', 'stuck'), 'gantt'), [
      'No task has been created yet',
    ]);
  });

  it('ready work that no scheduler takes has its own alarm', async () => {
    await stack.pool.query(`update runbeat.dag_run set queued_at = queued_at - interval '5 minutes'
                             where run_id = 'stuck'`);
    await everyLook('health-stalled', PAGES.health, [/ready work has waited \d+ min/]);
  });
});
