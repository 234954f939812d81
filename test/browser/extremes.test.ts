import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bigRun } from '../../bench/panels/bigRun.ts';
import type { RunDetail, TaskInstance } from '../../shared/api.ts';
import { runPageUrl } from '../../shared/grafana.ts';
import { launchChromium } from './chromium.ts';
import { startInEach, type NamedPreview } from './hosts.ts';
import { hostsOf, lookAt, type Host } from './looks.ts';
import { Tab } from './page.ts';
import { insertRun, taskOf } from './rows.ts';
import { API_TOKEN, startStack, type Stack } from './stack.ts';

/** Extreme runs: with 5,000 tasks, with none, and with tasks that lack timestamps. */

const MANY = 5_000;
const TABS = ['gantt', 'graph', 'tasks', 'attempts'] as const;

describe('extremes', () => {
  let browser: Browser;
  let stack: Stack;
  let hosts: Host[];
  let previews: NamedPreview[] = [];
  let tab: Tab | undefined;

  beforeAll(async () => {
    browser = await launchChromium();
    // No scheduler: it would go on with runs that are to stay as they are.
    stack = await startStack({ services: ['exporter'] });
    previews = await startInEach({ exporterUrl: stack.exporterUrl, apiToken: API_TOKEN });
    hosts = hostsOf(previews);
    for (const detail of [many, mapped, empty, stampless, neverStarted]) await insertRun(stack.pool, detail);
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

  it.each(TABS)('a run of 5,000 tasks, as %s', async (view) => {
    const url = runPageUrl(many.run, view);
    await lookAt(browser, hosts, {
      name: `many-tasks-${view}`,
      url,
      sees: ['5,000', MANY_SEES[view]],
      shows: PAINTED[view],
    });
  });

  it.each(TABS)('a task mapped 5,000 times, as %s', async (view) => {
    const url = runPageUrl(mapped.run, view);
    await lookAt(browser, hosts, { name: `many-mapped-${view}`, url, sees: ['5,000', MAPPED_SEES[view]] });
  });

  it.each(['gantt', 'tasks'] as const)('a run without tasks, as %s', async (view) => {
    const url = runPageUrl(empty.run, view);
    await lookAt(browser, hosts, { name: `no-tasks-${view}`, url, sees: ['This run has no tasks'] });
  });

  it.each(TABS)('a run whose stamps are not all there, as %s', async (view) => {
    const url = runPageUrl(stampless.run, view);
    await lookAt(browser, hosts, { name: `stampless-${view}`, url, sees: ['unqueued'] });
  });

  it.each([
    ['gantt', 'No task has started'],
    ['attempts', 'No task has started yet'],
  ] as const)('a run that was failed before it started, as %s', async (view, words) => {
    const url = runPageUrl(neverStarted.run, view);
    await lookAt(browser, hosts, { name: `never-started-${view}`, url, sees: [words, 'Ended'] });
  });

  it('keeps few rows of 5,000 tasks in the page, and finds one of them by its name', async () => {
    tab = await Tab.open(browser, hosts[0]!.url);
    await tab.go(runPageUrl(many.run, 'gantt'));
    await tab.page.getByRole('row').first().waitFor();
    expect(await tab.page.getByRole('row').count()).toBeLessThan(120);
    await tab.page.getByLabel('Filter tasks').fill('task_4321');
    await tab.page.getByRole('row', { name: /task_4321/ }).waitFor();
    await tab.page.getByRole('tab', { name: /Tasks/ }).click();
    await tab.page.getByRole('navigation').getByText('100', { exact: true }).waitFor();
    await tab.page.getByLabel('Find in Tasks').fill('TASK_4321');
    await tab.sees('1 of 5,000');
    expect(await tab.page.getByRole('cell', { name: 'task_4321' }).count()).toBe(1);
    expect(tab.complaints).toEqual([]);
  });
});

const MANY_SEES = { gantt: 'task_0', graph: 'success 5,000', tasks: 'task_0', attempts: 'task_4999' };
/** What is drawn, beside the words. */
const PAINTED = { gantt: 'canvas', graph: '.react-flow__node', tasks: undefined, attempts: undefined };
const MAPPED_SEES = { gantt: '× 5,000', graph: 'many', tasks: 'many[0]', attempts: 'many[' };
const { run: RUN, ...LAYERED } = bigRun(MANY, 50);

/** A run of those tasks under a DAG of its own. */
function runOf(dag_id: string, tasks: TaskInstance[], part: Partial<RunDetail['run']> = {}): RunDetail {
  return { ...LAYERED, edges: [], tasks, run: { ...RUN, source: 'runbeat', dag_id, run_id: 'only', ...part } };
}

const many = { ...runOf('many', LAYERED.tasks), edges: LAYERED.edges };
const mapped = runOf(
  'mapped',
  LAYERED.tasks.map((task, map_index) => ({ ...task, task_id: 'many', map_index })),
);
const empty = runOf('empty', []);
/** Tasks as Airflow leaves them if they were marked by hand, cleared or never started. */
const [started, ended] = [new Date(Date.now() - 60_000).toISOString(), new Date(Date.now() - 50_000).toISOString()];
const stampless = runOf(
  'stampless',
  [
    taskOf('unqueued', { state: 'success', start_date: started, end_date: ended }),
    taskOf('unstarted', { state: 'success', end_date: ended }),
    taskOf('marked_failed', { state: 'failed', end_date: ended }),
    taskOf('skipped', { state: 'skipped', end_date: ended }),
    taskOf('removed', { state: 'removed', end_date: ended }),
    taskOf('running', { state: 'running', start_date: ended }),
    taskOf('scheduled', { state: 'scheduled' }),
    taskOf('queued', { state: 'queued' }),
    taskOf('deferred', { state: 'deferred' }),
    taskOf('undecided'),
  ],
  { state: 'running', queued_at: started, start_date: started, end_date: null, logical_date: null },
);
const neverStarted = runOf('never_started', [taskOf('first'), taskOf('second')], {
  ...{ state: 'failed', queued_at: null, start_date: null, end_date: ended, logical_date: null },
});
