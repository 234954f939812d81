import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { promiseBreaks, promises } from '../../../exporter/api/promises.ts';
import { openRunbeatWorld, type RunbeatWorld } from '../runbeatWorld.ts';
import type { TestExporter } from '../world.ts';

let world: RunbeatWorld;
let exporter: TestExporter;

const start = (given: unknown[]): Promise<TestExporter> => world.start({ promises: given });

const restart = async (given: unknown[]): Promise<void> => {
  await exporter.close();
  exporter = await start(given);
};

beforeEach(async () => {
  world = await openRunbeatWorld();
});
afterEach(() => world.close());

const QUICK = { name: 'quick', dags: 'flow', ends_within: '10s', share: '95%' };
const FRESH = { name: 'fresh', dags: 'flow', succeeded_within: '1h' };
const counter = (promise: string, verdict: string, dag = 'flow'): Promise<number | null> =>
  exporter.value(`runbeat_promise_runs_total{source="db",dag_id="${dag}",promise="${promise}",verdict="${verdict}"}`);
const counts = async (promise: string): Promise<(number | null)[]> => [
  await counter(promise, 'kept'),
  await counter(promise, 'broken'),
];
const gauge = (name: string, promise: string): Promise<number | null> =>
  exporter.value(`runbeat_promise_${name}_seconds{source="db",dag_id="flow",promise="${promise}"}`);
const asked = (promise: string) => promises(exporter.context, { promise }).then(({ items }) => items[0]!);
const endRun = (runId: string, startedAgo: number, state = 'success'): Promise<unknown> =>
  world.source.pool.query(
    `update runbeat.dag_run set state = $3, start_date = now() - $2 * interval '1 s', end_date = now() where run_id = $1`,
    [runId, startedAgo, state],
  );

describe('ends_within', () => {
  it('counts each run once, starting from 0, and a running run as soon as its time is up', async () => {
    exporter = await start([QUICK]);
    await exporter.settle();
    expect(await counts('quick')).toEqual([0, 0]);
    await world.addRun('lasting', { state: 'running', ago: 30 });
    await exporter.settle();
    expect(await counts('quick')).toEqual([0, 1]);
    await world.addRun('in time', { ago: 20 });
    await exporter.settle();
    expect(await counts('quick')).toEqual([1, 1]);
    await restart([QUICK]);
    await endRun('lasting', 29);
    await exporter.settle();
    expect(await counts('quick')).toEqual([1, 1]);
  });

  it('leaves out cleared runs, backfills, runs of other DAGs, and ends that are written twice', async () => {
    await world.addDag('other');
    exporter = await start([QUICK]);
    await exporter.settle();
    await world.addRun('backfill', { state: 'running', ago: 30 });
    await world.source.pool.query(`update runbeat.dag_run set run_type = 'backfill' where run_id = 'backfill'`);
    await world.addRun('other', { dag_id: 'other', state: 'running', ago: 30 });
    await world.addRun('twice', { ago: 6 });
    await exporter.settle();
    expect(await counts('quick')).toEqual([1, 0]);
    await world.source.pool.query(`update runbeat.dag_run set end_date = now() where run_id = 'twice'`);
    for (const rounds = exporter.observer.sweepRounds + 2; exporter.observer.sweepRounds < rounds;)
      await exporter.observer.poll();
    await world.source.pool.query(
      `update runbeat.dag_run set state = 'running', end_date = null, clear_number = 1 where run_id = 'twice'`,
    );
    await exporter.settle();
    await endRun('twice', 500);
    await exporter.settle();
    expect(await counts('quick')).toEqual([1, 0]);
    expect(await counter('quick', 'kept', 'other')).toBeNull();
  });

  it('waits for a paused DAG, and judges the remaining runs when it is unpaused', async () => {
    exporter = await start([QUICK]);
    await exporter.settle();
    await world.source.pool.query('update runbeat.dag set is_paused = true');
    await world.addRun('stuck', { state: 'running', ago: 30 });
    await exporter.settle();
    await exporter.settle();
    expect(await counts('quick')).toEqual([0, 0]);
    expect((await asked('quick')).state).toBe('paused');
    await world.source.pool.query('update runbeat.dag set is_paused = false');
    await exporter.settle();
    expect(await counts('quick')).toEqual([0, 1]);
  });

  it('is served with its allowance, its history and the runs that broke it', async () => {
    exporter = await start([
      { ...QUICK, share: '50%' },
      { name: 'none', dags: 'flo', succeeded_within: '1h' },
    ]);
    await exporter.settle();
    for (const [at, ago] of [20, 19, 18].entries()) await world.addRun(`kept ${at}`, { ago });
    for (const at of [0, 1, 2]) await world.addRun(`late ${at}`, { state: 'running', ago: 60 - at });
    await exporter.settle();
    const page = await promises(exporter.context, {});
    expect(page.configuration.warnings).toEqual(['promise "none": no DAG matches dag_id "flo"; did you mean flow?']);
    expect(page.items).toMatchObject([
      {
        promise: 'quick',
        dag_id: 'flow',
        limit_seconds: 10,
        share: 0.5,
        state: 'kept',
        allowance: { runs: 6, broken: 3, allowed: 3, left: 0 },
      },
    ]);
    expect(page.items[0]!.history.map(({ kept, broken }) => [kept, broken])).toEqual([[3, 3]]);
    const first = await promiseBreaks(exporter.context, { promise: 'quick', limit: 2 });
    expect(first.items.map(({ run }) => run!.run_id)).toEqual(['late 2', 'late 1']);
    const position = JSON.parse(Buffer.from(first.next_cursor!, 'base64url').toString()) as [number, number];
    const rest = await promiseBreaks(exporter.context, { promise: 'quick', limit: 2, cursor: position });
    expect(rest).toMatchObject({
      items: [{ run: { run_id: 'late 0', state: 'running' }, kind: 'ends_within' }],
      next_cursor: null,
    });
  });
});

describe('succeeded_within', () => {
  it('knows the last success from the history, and counts each wait once despite restarts', async () => {
    await world.addRun('old', { ago: 4_000 });
    exporter = await start([FRESH]);
    await exporter.settle();
    await exporter.settle();
    expect(await counts('fresh')).toEqual([0, 1]);
    expect(await gauge('overdue', 'fresh')).toBeGreaterThan(390);
    expect(await gauge('remaining', 'fresh')).toBe(0);
    expect(await asked('fresh')).toMatchObject({ state: 'broken', allowance: null });
    await restart([FRESH]);
    await exporter.settle();
    expect(await counts('fresh')).toEqual([0, 1]);
    await world.addRun('new', { ago: 10 });
    await exporter.settle();
    expect(await gauge('overdue', 'fresh')).toBe(0);
    expect(await gauge('remaining', 'fresh')).toBeGreaterThan(3_500);
    await world.addRun('newer', { ago: 5 });
    await exporter.settle();
    expect(await counts('fresh')).toEqual([1, 1]);
  });

  it('is reported after a restart while another database is down', async () => {
    await world.addRun('old', { ago: 4_000 });
    exporter = await start([FRESH]);
    await exporter.settle();
    await exporter.settle();
    await exporter.close();
    exporter = await world.start({ sourceUrl: 'postgres://x@127.0.0.1:1/x', promises: [FRESH] });
    await exporter.observer.poll();
    expect(exporter.observer.isUp).toBe(false);
    expect(await gauge('overdue', 'fresh')).toBeGreaterThan(390);
    expect(await exporter.value('runbeat_dag_info{source="db",dag_id="flow",owner="",tags=""}')).toBe(1);
  });
});

/** A time zone in which it is about noon, so that no test runs at the end of a day. */
const HOURS_BEHIND = new Date().getUTCHours() - 12;
const NOON = `Etc/GMT${HOURS_BEHIND < 0 ? '' : '+'}${HOURS_BEHIND}`;
const local = (minutesAgo: number): string =>
  new Date(Date.now() - (minutesAgo + 60 * HOURS_BEHIND) * 60_000).toISOString();
const minutesAgo = (minutes: number): string => local(minutes).slice(11, 16);

describe('done_by', () => {
  it('is broken at its deadline if no run of that day has succeeded, and no longer overdue once one succeeds', async () => {
    const promise = { name: 'morning', dags: { dag_id: 'fl*' }, done_by: minutesAgo(2), timezone: NOON };
    exporter = await start([promise]);
    await exporter.settle();
    await exporter.settle();
    expect(await counts('morning')).toEqual([0, 1]);
    expect(await gauge('overdue', 'morning')).toBeGreaterThan(60);
    expect((await promiseBreaks(exporter.context, {})).items).toMatchObject([
      { run: null, day: local(0).slice(0, 10) },
    ]);
    await world.addRun('late', { ago: 10 });
    await exporter.settle();
    expect(await gauge('overdue', 'morning')).toBe(0);
    expect(await counts('morning')).toEqual([0, 1]);
  });

  it('counts successes from before the exporter started', async () => {
    await world.addRun('early', { ago: 200 });
    exporter = await start([{ name: 'morning', dags: 'flow', done_by: minutesAgo(1), timezone: NOON }]);
    await exporter.settle();
    await exporter.settle();
    expect(await counts('morning')).toEqual([1, 0]);
    expect((await asked('morning')).state).toBe('kept');
  });

  it('judges no day twice if its DAG is missing for a while, or is renamed and renamed back', async () => {
    await world.addRun('early', { ago: 200 });
    exporter = await start([{ name: 'morning', dags: 'flow', done_by: minutesAgo(1), timezone: NOON }]);
    await exporter.settle();
    await exporter.settle();
    expect(await counts('morning')).toEqual([1, 0]);
    await world.source.pool.query('update runbeat.dag set is_stale = true');
    await exporter.settle();
    expect(await gauge('overdue', 'morning')).toBeNull();
    await world.source.pool.query('update runbeat.dag set is_stale = false');
    await exporter.settle();
    await exporter.settle();
    expect(await counts('morning')).toEqual([1, 0]);
    expect(await gauge('overdue', 'morning')).toBe(0);
  });

  it('does not judge a DAG by a deadline that passed before the DAG was added', async () => {
    exporter = await start([{ name: 'morning', dags: 'new', done_by: minutesAgo(1), timezone: NOON }]);
    await exporter.settle();
    await world.addDag('new');
    await exporter.settle();
    await exporter.settle();
    expect([await counter('morning', 'kept', 'new'), await counter('morning', 'broken', 'new')]).toEqual([0, 0]);
  });

  it('counts the first run of a new DAG before the list of DAGs is read again', async () => {
    const promise = { name: 'evening', dags: 'new', done_by: '23:59', timezone: NOON };
    exporter = await world.start({ promises: [promise], options: { settingsSeconds: 3_600 } });
    await exporter.settle();
    await world.addDag('new');
    await world.addRun('first', { dag_id: 'new', ago: 5 });
    await exporter.settle();
    await exporter.settle();
    expect(await counter('evening', 'kept', 'new')).toBe(1);
  });
});

it('a promise that is removed and added again judges no day and no wait twice', async () => {
  const today = { name: 'today', dags: 'flow', done_by: '00:01', timezone: NOON };
  await world.addRun('old', { ago: 200_000 });
  exporter = await start([FRESH, today]);
  await exporter.settle();
  await exporter.settle();
  expect([await counts('fresh'), await counts('today')]).toEqual([
    [0, 1],
    [0, 1],
  ]);
  for (const made of [[], [FRESH, today]]) {
    await restart(made);
    await exporter.settle();
    await exporter.settle();
  }
  expect([await counts('fresh'), await counts('today')]).toEqual([
    [0, 1],
    [0, 1],
  ]);
  expect(await gauge('overdue', 'fresh')).toBeGreaterThan(0);
  expect(await gauge('overdue', 'today')).toBeGreaterThan(0);
});

it('owner and tags are labels that alerts can be routed by, and select DAGs', async () => {
  await world.source.pool.query(`update runbeat.dag set owner = 'risk', tags = '{b,a}'`);
  exporter = await start([{ name: 'p', dags: [{ owner: 'risk', tag: 'a' }], succeeded_within: '1h' }]);
  await world.addRun('r', { ago: 100 });
  await exporter.settle();
  await exporter.observer.poll();
  expect(await exporter.value('runbeat_dag_info{source="db",dag_id="flow",owner="risk",tags="a,b"}')).toBe(1);
  expect(await gauge('limit', 'p')).toBe(3_600);
  expect(await exporter.value('runbeat_dag_last_success_timestamp_seconds{source="db",dag_id="flow"}')).toBeGreaterThan(
    1e9,
  );
});
