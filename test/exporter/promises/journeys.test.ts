import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { promiseBreaks, promises } from '../../../exporter/api/promises.ts';
import type { RowOptions } from '../runbeatRows.ts';
import { openRunbeatWorld, type RunbeatWorld } from '../runbeatWorld.ts';
import type { TestExporter } from '../world.ts';

let world: RunbeatWorld;
let exporter: TestExporter;

const JOURNEY = {
  name: 'decided',
  journey: { key: 'user_id', from: 'arrivals', to: 'flow' },
  ends_within: '50s',
  share: '50%',
};

const start = (given: unknown[] = [JOURNEY], keys = 'user_id=conf.user_id'): Promise<TestExporter> =>
  world.start({ promises: given, keys });
const restart = async (given: unknown[] = [JOURNEY]): Promise<void> => {
  await exporter.close();
  exporter = await start(given);
};
const arrive = (user: number | number[], options: RowOptions = {}): Promise<number> =>
  world.addRun(`arrival of ${user} ${options.ago}`, { dag_id: 'arrivals', conf: { user_id: user }, ...options });
/** Adds a run of the deciding DAG, which takes 4 seconds. */
const decide = (user: number, options: RowOptions = {}): Promise<number> =>
  world.addRun(`decision on ${user} ${options.ago}`, { conf: { user_id: user }, ...options });
const counts = (): Promise<(number | null)[]> =>
  Promise.all(
    ['kept', 'broken'].map((verdict) =>
      exporter.value(`runbeat_promise_runs_total{source="db",dag_id="flow",promise="decided",verdict="${verdict}"}`),
    ),
  );
const status = async () => (await promises(exporter.context, { promise: 'decided' })).items[0]!;
const arrivals = async (): Promise<number> =>
  Number((await world.index.pool.query('select count(*) from runbeat_index.promise_arrival')).rows[0].count);

describe('a promise on a journey', () => {
  beforeEach(async () => {
    world = await openRunbeatWorld();
    await world.addDag('arrivals');
  });
  afterEach(() => world.close());

  it('counts each arrival once, starting from 0, even if nothing decides on it', async () => {
    exporter = await start();
    await exporter.settle();
    expect(await counts()).toEqual([0, 0]);
    await arrive(1, { ago: 20 });
    await exporter.settle();
    expect(await counts()).toEqual([0, 0]);
    await decide(1, { ago: 15 });
    await exporter.settle();
    expect(await counts()).toEqual([1, 0]);
    await arrive(2, { ago: 60 });
    await exporter.settle();
    expect(await counts()).toEqual([1, 1]);
    await decide(2, { ago: 5 });
    await exporter.settle();
    expect(await counts()).toEqual([1, 1]);
    expect(await arrivals()).toBe(0);
  });

  it('counts only a success as a decision, and only the first of several', async () => {
    exporter = await start();
    await exporter.settle();
    await arrive(1, { ago: 40 });
    await decide(1, { ago: 30, state: 'failed' });
    await decide(2, { ago: 30 });
    await exporter.settle();
    expect(await counts()).toEqual([0, 0]);
    await decide(1, { ago: 20 });
    await decide(1, { ago: 10 });
    await exporter.settle();
    expect(await counts()).toEqual([1, 0]);
  });

  it('continues after a restart, with journeys that arrived, were active or ended before, during and after it', async () => {
    exporter = await start();
    await exporter.settle();
    await arrive(1, { ago: 45 });
    const underWay = await decide(1, { ago: 40, state: 'running' });
    await arrive(2, { ago: 45 });
    await arrive(3, { ago: 45 });
    await exporter.settle();
    await exporter.close();
    await world.source.pool.query(
      `update runbeat.dag_run set state = 'success', end_date = now() - interval '1 s' where id = $1`,
      [underWay],
    );
    await decide(2, { ago: 8 });
    await arrive(4, { ago: 60 });
    exporter = await start();
    await exporter.settle();
    expect(await counts()).toEqual([2, 1]);
    await restart();
    await decide(3, { ago: 6 });
    await exporter.settle();
    expect(await counts()).toEqual([3, 1]);
    expect(await arrivals()).toBe(0);
  });

  it('judges each of two arrivals of one value, and a run with two values as two arrivals', async () => {
    exporter = await start();
    await exporter.settle();
    await arrive(1, { ago: 48 });
    await decide(1, { ago: 46, state: 'running' });
    await arrive(1, { ago: 20 });
    await exporter.settle();
    await world.source.pool.query(
      `update runbeat.dag_run set state = 'success', end_date = now() - interval '1 s' where state = 'running'`,
    );
    await exporter.settle();
    // The second arrival is younger than the run that has ended, which can't have decided on it.
    expect(await counts()).toEqual([1, 0]);
    expect(await arrivals()).toBe(1);
    await decide(1, { ago: 10 });
    await arrive([7, 8], { ago: 30 });
    await decide(8, { ago: 20 });
    await exporter.settle();
    expect(await counts()).toEqual([3, 0]);
    expect(await arrivals()).toBe(1);
  });

  it('is not judged again when runs are cleared, and counts a cleared decision when it succeeds', async () => {
    exporter = await start();
    await exporter.settle();
    await arrive(1, { ago: 40 });
    await decide(1, { ago: 35, state: 'failed' });
    await exporter.settle();
    const clear = (dagId: string): Promise<unknown> =>
      world.source.pool.query(
        `update runbeat.dag_run set state = 'running', end_date = null, clear_number = clear_number + 1 where dag_id = $1`,
        [dagId],
      );
    const end = (): Promise<unknown> =>
      world.source.pool.query(`update runbeat.dag_run set state = 'success', end_date = now() where state = 'running'`);
    await clear('flow');
    await exporter.settle();
    await end();
    await exporter.settle();
    expect(await counts()).toEqual([1, 0]);
    for (const dagId of ['arrivals', 'flow']) {
      await clear(dagId);
      await exporter.settle();
      await end();
      await exporter.settle();
    }
    expect(await counts()).toEqual([1, 0]);
    expect(await arrivals()).toBe(0);
  });

  it('leaves out arrivals that are deleted while they run, backfills, and arrivals from before the promise', async () => {
    await arrive(9, { ago: 300 });
    exporter = await start();
    await exporter.settle();
    await arrive(1, { ago: 10, state: 'running' });
    await arrive(2, { ago: 300 });
    await world.source.pool.query(`update runbeat.dag_run set run_type = 'backfill' where conf->>'user_id' = '2'`);
    await exporter.settle();
    expect(await arrivals()).toBe(1);
    await world.source.pool.query(`delete from runbeat.task_instance where run_id like 'arrival of 1 %'`);
    await world.source.pool.query(`delete from runbeat.dag_run where run_id like 'arrival of 1 %'`);
    await exporter.settle();
    expect(await arrivals()).toBe(0);
    expect(await counts()).toEqual([0, 0]);
  });

  it('is broken after the deciding run was deleted, and keeps its verdict after the arrival was deleted', async () => {
    exporter = await start();
    await exporter.settle();
    await arrive(1, { ago: 49.5 });
    await decide(1, { ago: 40, state: 'running' });
    await exporter.settle();
    await world.source.pool.query(`delete from runbeat.task_instance where dag_id = 'flow'`);
    await world.source.pool.query(`delete from runbeat.dag_run where dag_id = 'flow'`);
    await world.source.pool.query(`delete from runbeat.task_instance where dag_id = 'arrivals'`);
    await world.source.pool.query(`delete from runbeat.dag_run where dag_id = 'arrivals'`);
    await expect.poll(async () => (await exporter.settle(), counts()), { timeout: 60_000 }).toEqual([0, 1]);
  });

  it('waits while the deciding DAG is paused', async () => {
    exporter = await start();
    await exporter.settle();
    await world.source.pool.query(`update runbeat.dag set is_paused = true where dag_id = 'flow'`);
    await arrive(1, { ago: 300 });
    await exporter.settle();
    expect(await counts()).toEqual([0, 0]);
    expect((await status()).state).toBe('paused');
    await world.source.pool.query('update runbeat.dag set is_paused = false');
    await exporter.settle();
    expect(await counts()).toEqual([0, 1]);
  });

  it('forgets its open arrivals when it is withdrawn, and when its key is changed', async () => {
    const keys = 'user_id=conf.user_id,order=conf.order';
    exporter = await start([JOURNEY], keys);
    await exporter.settle();
    await arrive(1, { ago: 20 });
    await exporter.settle();
    expect(await arrivals()).toBe(1);
    await exporter.close();
    exporter = await start([{ ...JOURNEY, journey: { ...JOURNEY.journey, key: 'order' } }], keys);
    await world.addRun('order 1', { dag_id: 'arrivals', conf: { order: 1 }, ago: 10 });
    await exporter.settle();
    expect((await world.index.pool.query('select key, value from runbeat_index.promise_arrival')).rows).toEqual([
      { key: 'order', value: '1' },
    ]);
    await exporter.close();
    exporter = await start([], keys);
    await exporter.settle();
    expect(await arrivals()).toBe(0);
  });

  it('gives no verdicts for a key that no run has', async () => {
    exporter = await start([{ ...JOURNEY, journey: { ...JOURNEY.journey, key: 'order' } }], 'order=conf.order');
    await exporter.settle();
    await arrive(1, { ago: 300 });
    await decide(1, { ago: 200 });
    await exporter.settle();
    expect(await counts()).toEqual([0, 0]);
    expect(await status()).toMatchObject({ state: 'kept', reason: 'No journey has been judged yet.', due_at: null });
    const warnings = async () => (await promises(exporter.context, {})).configuration.warnings;
    expect(await warnings()).toEqual([
      'promise "decided": no new run of dag_id "arrivals" in "db" has the key "order" (1 so far)',
    ]);
    await world.addRun('order', { dag_id: 'arrivals', conf: { order: 1 }, ago: 5 });
    await exporter.settle();
    expect(await warnings()).toEqual([]);
  });

  it('is served with the open journeys, those that will miss it, and those that broke it', async () => {
    exporter = await start();
    await exporter.settle();
    for (const user of [1, 2, 3]) await arrive(user, { ago: 60 + user });
    await arrive(4, { ago: 20 });
    await decide(4, { ago: 15 });
    await arrive(5, { ago: 30 });
    await exporter.settle();
    expect(await status()).toMatchObject({
      kind: 'journey',
      dag_id: 'flow',
      limit_seconds: 50,
      journey: { key: 'user_id', from: 'arrivals' },
      state: 'broken',
      allowance: { runs: 4, broken: 3 },
      reason: '3 of 4 journeys ended too late in the last 30 days, which is more than its share allows.',
    });
    expect((await status()).remaining_seconds).toBeGreaterThan(15);
    const labels = '{source="db",dag_id="flow",promise="decided"}';
    expect(await exporter.value(`runbeat_promise_limit_seconds${labels}`)).toBe(50);
    expect(await exporter.value(`runbeat_promise_share${labels}`)).toBe(0.5);
    await decide(6, { ago: 10 });
    await exporter.settle();
    expect(await exporter.value(`runbeat_promise_period_seconds${labels}`)).toBeGreaterThan(0);
    const broken = await promiseBreaks(exporter.context, { promise: 'decided' });
    expect(broken.items.map(({ journey }) => journey)).toEqual(
      ['1', '2', '3'].map((value) => ({ key: 'user_id', value })),
    );
    const ofOne = { promise: 'decided', key: 'user_id', value: '2' };
    expect((await promiseBreaks(exporter.context, ofOne)).items).toEqual([broken.items[1]]);
    expect((await promiseBreaks(exporter.context, { ...ofOne, value: '4' })).items).toEqual([]);
    expect(broken.items[0]!.run).toMatchObject({ dag_id: 'arrivals', run_id: 'arrival of 1 61', state: 'success' });
  });

  it('warns if no DAG matches its arrivals or its decisions', async () => {
    exporter = await start([{ ...JOURNEY, journey: { key: 'user_id', from: 'arival', to: 'flw' } }]);
    await exporter.settle();
    const { configuration } = await promises(exporter.context, {});
    expect(configuration.warnings).toEqual([
      'promise "decided": no DAG matches dag_id "flw"; did you mean flow?',
      'promise "decided": no DAG matches dag_id "arival"; did you mean arrivals?',
    ]);
  });
});
