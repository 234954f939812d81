import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TestDatabase } from '../postgres/database.ts';
import { addDag, addRun, addScheduler, createRunbeatDatabases } from './runbeatRows.ts';
import { createExporter, type TestExporter } from './world.ts';

const DAY = 24 * 3600;
let source: TestDatabase;
let index: TestDatabase;
let exporter: TestExporter;

beforeEach(async () => {
  ({ source, index } = await createRunbeatDatabases());
  await addScheduler(source.pool, 'alpha');
});
afterEach(async () => {
  await exporter.close();
  await Promise.all([source.drop(), index.drop()]);
});

const start = (options: { seriesLimit?: number; retentionDays?: number } = {}): Promise<TestExporter> =>
  createExporter({ sourceUrl: source.url, indexUrl: index.url, keys: 'user_id=conf.user_id', options });

async function found(): Promise<string[]> {
  const runs = await exporter.index.lookup('user_id', ['1'], {}, undefined, 50);
  return runs.map((run) => run.run_id).sort();
}

const finished = 'runbeat_runs_finished_total{source="db",dag_id="flow",state="success"}';

describe('the index', () => {
  it('deletes runs older than its retention, and does not count them again when it reads them', async () => {
    await addRun(source.pool, 'old', { ago: 40 * DAY, conf: { user_id: 1 } });
    await addRun(source.pool, 'young', { ago: 20 * DAY, conf: { user_id: 1 } });
    exporter = await start({ retentionDays: 400 });
    await exporter.settle();
    await addRun(source.pool, 'counted', { ago: 5, conf: { user_id: 1 } });
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
    exporter = await createExporter({ sourceUrl: source.url, indexUrl: index.url, promises });
    await exporter.settle();
    for (const name of ['old', 'young']) await addRun(source.pool, name, { state: 'running', ago: 30 });
    await exporter.settle();
    await index.pool.query(`with first as (select min(id) as id from runbeat_index.promise_break)
      update runbeat_index.promise_break b set at_us = at_us - 40 * 86400e6::bigint from first where b.id = first.id`);
    await index.pool.query(`insert into runbeat_index.promise_day
      select source_id, promise, dag_id, day - 40, 1, 1 from runbeat_index.promise_day`);
    await exporter.close();
    exporter = await createExporter({
      sourceUrl: source.url,
      indexUrl: index.url,
      promises,
      options: { retentionDays: 30 },
    });
    await exporter.settle();
    const count = async (table: string): Promise<number> =>
      Number((await index.pool.query<{ n: string }>(`select count(*) as n from runbeat_index.${table}`)).rows[0]!.n);
    expect([await count('promise_break'), await count('promise_day')]).toEqual([1, 1]);
    const broken = 'runbeat_promise_runs_total{source="db",dag_id="flow",promise="quick",verdict="broken"}';
    expect(await exporter.value(broken)).toBe(2);
  });

  it('keeps a run that is active, however old', async () => {
    await addRun(source.pool, 'long', { ago: 90 * DAY, state: 'running', conf: { user_id: 1 } });
    exporter = await start({ retentionDays: 30 });
    await exporter.settle();
    expect(await found()).toEqual(['long']);
  });
});

describe('series of a DAG that is long gone', () => {
  it('leave, so that a new one is not counted as "_other"', async () => {
    await addDag(source.pool, 'new');
    exporter = await start({ seriesLimit: 2 });
    await exporter.settle();
    await addRun(source.pool, 'one', { ago: 5 });
    await exporter.observer.poll();
    await source.pool.query(`update runbeat.dag set is_stale = true where dag_id = 'flow'`);
    await index.pool.query(`update runbeat_index.series set changed_at = now() - interval '8 days'`);
    await exporter.close();
    exporter = await start({ seriesLimit: 2 });
    await exporter.settle();
    expect(await exporter.value(finished)).toBeNull();
    await addRun(source.pool, 'two', { dag_id: 'new', ago: 5 });
    await addRun(source.pool, 'three', { dag_id: 'new', ago: 5, state: 'failed' });
    await exporter.observer.poll();
    expect(await exporter.value('runbeat_runs_finished_total{source="db",dag_id="new",state="failed"}')).toBe(1);
    expect(await exporter.metrics()).not.toContain('dag_id="_other"');
  });
});
