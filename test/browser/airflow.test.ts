import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startPreview, type Preview } from '../../preview/server.ts';
import { API_PATHS, type Page, type SourceStatus } from '../../shared/api.ts';
import { PAGES, runPageUrl, type RunTab } from '../../shared/grafana.ts';
import { openPool } from '../postgres/pool.ts';
import { launchChromium } from './chromium.ts';
import { hostsOf, lookAt, LOOKS, type Host } from './looks.ts';
import { Tab } from './page.ts';
import { AIRFLOW_UI, API_TOKEN, startStack, type Stack } from './stack.ts';

/** What a team with Airflow sees, with databases of the oldest and the newest supported Airflow. */
describe.each([
  ['airflow-2.7.3', LOOKS[0]!],
  ['airflow-3.3.2', LOOKS[1]!],
] as const)('a real %s', (fixture, itsLook) => {
  let browser: Browser;
  let stack: Stack;
  let preview: Preview;
  let hosts: Host[];
  let source: string;
  let tab: Tab | undefined;

  beforeAll(async () => {
    browser = await launchChromium();
    stack = await startStack({ services: ['exporter'], airflow: fixture });
    preview = await startPreview({ exporterUrl: stack.exporterUrl, apiToken: API_TOKEN, listen: '127.0.0.1:0' });
    hosts = hostsOf([preview]);
    source = await onlySource(stack.exporterUrl);
    await loseStamps(stack.airflowUrl!);
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

  const urlOf = (dag_id: string, view: RunTab, run_id = `lab_${dag_id}`) =>
    runPageUrl({ source, dag_id, run_id }, view);
  const look = (name: string, url: string, ...sees: (string | RegExp)[]) =>
    lookAt(browser, hosts, {
      ...{ name: `${fixture}-${name}`, url, sees, looks: [itsLook] },
      shows: url.includes('tab=graph') ? '.react-flow__node' : undefined,
    });

  it('finds the runs of a user', async () => {
    await look('lookup', `${PAGES.lookup}?key=user_id&value=42`, '2 runs', 'user_flow');
  });

  it.each([
    ['mapped', 'gantt', /×|\[0\]/],
    ['task_groups', 'graph', 'success'],
    ['failing', 'attempts', 'failed'],
    ['trigger_rules', 'tasks', 'success'],
    ['waiting', 'gantt', 'live'],
  ] as const)('shows the run of %s as %s', async (dagId, view, words) => {
    await look(`${dagId}-${view}`, urlOf(dagId, view), 'Open in Airflow', words);
  });

  it.each(['gantt', 'graph', 'tasks'] as const)('shows a run that lost stamps, as %s', async (view) => {
    await look(`stampless-${view}`, urlOf('branches_join', view), 'left', 'finish');
  });

  it('shows the state of its flows, and that no scheduler is alive', async () => {
    await look('flows', PAGES.flows, 'user_flow');
    await look('health', PAGES.health, /Airflow \d/);
  });

  it('links to Airflow for the logs', async () => {
    tab = await Tab.open(browser, preview.url);
    await tab.go(urlOf('failing', 'attempts'));
    const link = tab.page.getByRole('link', { name: 'Open in Airflow' });
    expect(await link.getAttribute('href')).toMatch(new RegExp(`^${AIRFLOW_UI}/.*failing`));
    await tab.page
      .getByRole('button', { name: /^Log of/ })
      .first()
      .click();
    await tab.page
      .getByRole('dialog')
      .getByText(/Open the run in Airflow/)
      .waitFor();
    await tab.screenshot(`${fixture}-log`);
    expect(await tab.barriers()).toEqual([]);
  });
});

async function onlySource(exporterUrl: string): Promise<string> {
  const headers = { authorization: `Bearer ${API_TOKEN}` };
  const answer = await fetch(exporterUrl + API_PATHS.sources, { headers });
  return ((await answer.json()) as Page<SourceStatus>).items[0]!.source;
}

/** As after a task was marked by hand, and with an executor that tells of no queue. */
async function loseStamps(airflowUrl: string): Promise<void> {
  const pool = openPool(airflowUrl, 1);
  const of = "where dag_id = 'branches_join'";
  await pool.query(`update task_instance set queued_dttm = null ${of}`);
  await pool.query(`update task_instance set start_date = null, duration = null ${of} and task_id = 'left'`);
  await pool.query(`update task_instance set start_date = null, end_date = null ${of} and task_id = 'finish'`);
  await pool.end();
}
