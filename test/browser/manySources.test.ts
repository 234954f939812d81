import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startPreview, type Preview } from '../../preview/server.ts';
import { API_PATHS } from '../../shared/api.ts';
import { PAGES, runPageUrl } from '../../shared/grafana.ts';
import { launchChromium } from './chromium.ts';
import { hostsOf, lookAt, type Host } from './looks.ts';
import { Tab, type Look } from './page.ts';
import { dagName, insertDay } from './rows.ts';
import { API_TOKEN, poll, startStack, type Stack } from './stack.ts';

const SOURCES = ['airflow-eu', 'airflow-us', 'warehouse'];
const [DAGS, RUNS] = [400, 2_000];
/** All of its runs have failed. */
const FAILING = dagName(7);
const RUNS_OF_DAG = RUNS / DAGS;
const LOOKS: readonly Look[] = [
  { theme: 'dark', width: 1920 },
  { theme: 'light', width: 1280 },
  { theme: 'dark', width: 400 },
];

describe('three sources with 400 DAGs and 2,000 runs a day each', () => {
  let browser: Browser;
  let stack: Stack;
  let preview: Preview;
  let hosts: Host[];
  let tab: Tab | undefined;

  beforeAll(async () => {
    browser = await launchChromium();
    // No scheduler: it would go on with runs that are to stay as they are.
    stack = await startStack({ services: ['exporter'], sources: SOURCES });
    await insertDay(stack.pool, DAGS, RUNS);
    preview = await startPreview({ exporterUrl: stack.exporterUrl, apiToken: API_TOKEN, listen: '127.0.0.1:0' });
    hosts = hostsOf([preview]);
    await poll(async () => (await runsRead()) === RUNS_OF_DAG * SOURCES.length, 'the newest and the oldest runs');
  });
  afterEach(async () => {
    await tab?.close();
    tab = undefined;
  });
  afterAll(async () => {
    await preview?.stop();
    await stack?.stop();
    await browser?.close();
  });

  /** Of the last DAG, which has the oldest run of all. */
  async function runsRead(): Promise<number> {
    const query = new URLSearchParams({ dag_id: dagName(DAGS - 1), limit: '100' });
    const headers = { authorization: `Bearer ${API_TOKEN}` };
    const answer = await fetch(`${stack.exporterUrl}${API_PATHS.runs}?${query}`, { headers });
    return ((await answer.json()) as { items: unknown[] }).items.length;
  }

  async function open(url: string): Promise<Tab['page']> {
    tab = await Tab.open(browser, preview.url);
    await tab.go(url);
    return tab.page;
  }

  const run = { source: SOURCES[1]!, dag_id: FAILING, run_id: 'run_7' };

  it.each([
    ['flows', PAGES.flows, [FAILING, SOURCES[0]!]],
    ['lookup', `${PAGES.lookup}?key=user_id&value=7`, ['12 runs', SOURCES[2]!]],
    ['health', PAGES.health, ['airflow-us: is up to date', 'extract → transform']],
    ['run', runPageUrl(run, 'graph'), ['Failed at load', SOURCES[1]!]],
    ['panels', '/d/preview', [/^Tasks of run_/, 'Which run is it?']],
  ])('%s is readable at every width', async (name, url, sees) => {
    await lookAt(browser, hosts, { name: `many-sources-${name}`, url, sees, looks: LOOKS });
  });

  it('lists failing flows first, finds one by its name and leads to the one of its source', async () => {
    const page = await open(PAGES.flows);
    const rows = page.getByRole('region', { name: 'DAGs' }).locator('tbody tr');
    await rows.first().getByText(FAILING).waitFor();
    await page.getByLabel('Find in DAGs').fill(dagName(123));
    await tab!.sees('3 of 1,200');
    expect((await rows.allInnerTexts()).map((text) => SOURCES.find((source) => text.includes(source))).sort()).toEqual(
      SOURCES,
    );
    await rows
      .filter({ hasText: SOURCES[1]! })
      .getByRole('link', { name: dagName(123) })
      .click();
    await tab!.sees('Slowest transitions');
    expect(new URL(page.url()).searchParams.get('source')).toBe(SOURCES[1]);
    await expect
      .poll(() => page.getByRole('region', { name: 'Runs', exact: true }).locator('tbody tr').count())
      .toBe(RUNS_OF_DAG);
    expect(tab!.complaints).toEqual([]);
  });

  it('sorts over all pages, and reaches the last one', async () => {
    const page = await open(PAGES.flows);
    const dags = page.getByRole('region', { name: 'DAGs' });
    await dags.getByRole('button', { name: 'Sort column DAG' }).click();
    await dags.locator('tbody tr').first().getByText(dagName(0)).waitFor();
    await page.getByRole('navigation').getByRole('button', { name: '24', exact: true }).click();
    await dags
      .locator('tbody tr')
      .last()
      .getByText(dagName(DAGS - 1))
      .waitFor();
    expect(tab!.complaints).toEqual([]);
  });

  it('shows all of one source, however much the others have', async () => {
    const page = await open(`${PAGES.health}?source=${SOURCES[2]}`);
    const slow = page.getByRole('region', { name: 'Slowest transitions' });
    await slow.getByRole('link').first().waitFor();
    const hrefs = await slow.getByRole('link').evaluateAll((links) => links.map((link) => link.getAttribute('href')!));
    expect(hrefs.every((href) => href.includes(`source=${SOURCES[2]}`))).toBe(true);
    expect(hrefs.length).toBe(10);
  });

  it('offers each DAG once in the lookup', async () => {
    const page = await open(PAGES.lookup);
    await page.getByLabel('DAG').fill(dagName(DAGS - 1));
    await page.getByRole('option', { name: dagName(DAGS - 1), exact: true }).waitFor();
    expect(tab!.complaints).toEqual([]);
  });

  it('links a run to the flow of its source', async () => {
    const page = await open(runPageUrl(run, 'tasks'));
    await page.getByRole('link', { name: FAILING }).first().click();
    await tab!.sees('Slowest transitions');
    expect(new URL(page.url()).searchParams.get('source')).toBe(run.source);
  });
});
