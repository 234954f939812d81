import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRunbeatWorld, type RunbeatWorld } from './runbeatWorld.ts';
import type { TestExporter } from './world.ts';

const DAY = 24 * 3600;
let world: RunbeatWorld;
let exporter: TestExporter;

beforeEach(async () => {
  world = await openRunbeatWorld();
});
afterEach(() => world.close());

const start = (options: { seriesLimit?: number; retentionDays?: number } = {}): Promise<TestExporter> =>
  world.start({ keys: 'user_id=conf.user_id', options });

async function found(): Promise<string[]> {
  const runs = await exporter.index.lookup('user_id', ['1'], {}, undefined, 50);
  return runs.map((run) => run.run_id).sort();
}

const finished = 'runbeat_runs_finished_total{source="db",dag_id="flow",state="success"}';

describe('the index', () => {
  it('deletes runs older than its retention, and does not count them again when it reads them', async () => {
    await world.addRun('old', { ago: 40 * DAY, conf: { user_id: 1 } });
    await world.addRun('young', { ago: 20 * DAY, conf: { user_id: 1 } });
    exporter = await start({ retentionDays: 400 });
    await exporter.settle();
    await world.addRun('counted', { ago: 5, conf: { user_id: 1 } });
    await exporter.observer.poll();
    expect(await found()).toEqual(['counted', 'old', 'young']);
    await exporter.close();

    exporter = await start({ retentionDays: 30 });
    await exporter.settle();
    expect(await found()).toEqual(['counted', 'young']);
    const rounds = exporter.observer.sweepRounds + 2;
    while (exporter.observer.sweepRounds < rounds) await exporter.observer.poll();
    expect(await found()).toEqual(['counted', 'young']);
    expect(await exporter.value(finished)).toBe(1);
  });

  it('deletes verdicts on promises older than its retention, and keeps the counters', async () => {
    const promises = [{ name: 'quick', dags: 'flow', ends_within: '10s', share: '95%' }];
    exporter = await world.start({ promises });
    await exporter.settle();
    for (const name of ['old', 'young']) await world.addRun(name, { state: 'running', ago: 30 });
    await exporter.settle();
    await world.index.pool.query(`with first as (select min(id) as id from runbeat_index.promise_break)
      update runbeat_index.promise_break b set at_us = at_us - 40 * 86400e6::bigint from first where b.id = first.id`);
    await world.index.pool.query(`insert into runbeat_index.promise_day
      select source_id, promise, dag_id, day - 40, 1, 1 from runbeat_index.promise_day`);
    await exporter.close();
    exporter = await world.start({ promises, options: { retentionDays: 30 } });
    await exporter.settle();
    const count = async (table: string): Promise<number> =>
      Number(
        (await world.index.pool.query<{ n: string }>(`select count(*) as n from runbeat_index.${table}`)).rows[0]!.n,
      );
    expect([await count('promise_break'), await count('promise_day')]).toEqual([1, 1]);
    const broken = 'runbeat_promise_runs_total{source="db",dag_id="flow",promise="quick",verdict="broken"}';
    expect(await exporter.value(broken)).toBe(2);
  });

  it('keeps an active run, however old it is', async () => {
    await world.addRun('long', { ago: 90 * DAY, state: 'running', conf: { user_id: 1 } });
    exporter = await start({ retentionDays: 30 });
    await exporter.settle();
    expect(await found()).toEqual(['long']);
  });
});

describe('series of a DAG that was removed long ago', () => {
  it('are deleted, so that those of a new DAG are not counted as "_other"', async () => {
    await world.addDag('new');
    exporter = await start({ seriesLimit: 2 });
    await exporter.settle();
    await world.addRun('one', { ago: 5 });
    await exporter.observer.poll();
    await world.source.pool.query(`update runbeat.dag set is_stale = true where dag_id = 'flow'`);
    await world.index.pool.query(`update runbeat_index.series set changed_at = now() - interval '8 days'`);
    await exporter.close();
    exporter = await start({ seriesLimit: 2 });
    await exporter.settle();
    expect(await exporter.value(finished)).toBeNull();
    await world.addRun('two', { dag_id: 'new', ago: 5 });
    await world.addRun('three', { dag_id: 'new', ago: 5, state: 'failed' });
    await exporter.observer.poll();
    expect(await exporter.value('runbeat_runs_finished_total{source="db",dag_id="new",state="failed"}')).toBe(1);
    expect(await exporter.metrics()).not.toContain('dag_id="_other"');
  });
});
