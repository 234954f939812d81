import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { IndexWriter } from '../../exporter/index/writer.ts';
import { openRunbeatWorld, type RunbeatWorld } from './runbeatWorld.ts';
import type { TestExporter } from './world.ts';

let world: RunbeatWorld;

beforeEach(async () => {
  world = await openRunbeatWorld();
});
afterEach(() => world.close());

/** By default, its lease is longer than any test. */
const exporterOf = (leaseSeconds = 3600): Promise<TestExporter> =>
  world.start({ keys: 'user_id=conf.user_id', leaseSeconds });

const finished = 'runbeat_runs_finished_total{source="db",dag_id="flow",state="success"}';
const up = 'runbeat_source_up{source="db"}';
const leading = 'runbeat_exporter_leading{source="db"}';

/** Metrics that must be equal in both: all about the source, except times that grow between two scrapes. */
async function answers(exporter: TestExporter): Promise<string[]> {
  return (await exporter.metrics())
    .split('\n')
    .filter((line) => line.startsWith('runbeat_'))
    .filter(
      (line) =>
        !/runbeat_(exporter_leading|collector_|catchup|clock_skew|source_lag|build_info)|_age_seconds/.test(line),
    )
    .sort();
}

/** Has the same effect as if the leader had been killed and its lease had ended. */
const endLease = (): Promise<unknown> =>
  world.index.pool.query(`update runbeat_index.source set leader_until = now() - interval '1 s'`);

describe('two exporters on one index', () => {
  it('serve the same metrics, only one of them counts, and the source is up for both at every poll', async () => {
    const [one, two] = [await exporterOf(), await exporterOf()];
    await one.settle();
    for (let n = 0; n < 6; n++) {
      await world.addRun(`run_${n}`, { ago: 5 });
      await world.addRun(`active_${n}`, { ago: 5, state: 'running' });
      for (const exporter of [one, two]) {
        await exporter.observer.poll();
        expect(await exporter.value(up)).toBe(1);
        expect(exporter.observer.status().problem).toBeNull();
      }
      expect(await answers(two)).toEqual(await answers(one));
      expect(await two.value(finished)).toBe(n + 1);
    }
    expect([await one.value(leading), await two.value(leading)]).toEqual([1, 0]);
    expect(two.observer.active.size).toBe(6);
  });

  it('whose leader has died: the other one takes over with its next poll and counts what was not counted', async () => {
    const [one, two] = [await exporterOf(), await exporterOf()];
    await one.settle();
    await two.observer.poll();
    await world.addRun('before', { ago: 5 });
    await one.observer.poll();
    await world.addRun('between', { ago: 5 });
    await two.observer.poll();
    expect(await two.value(finished)).toBe(1);
    await endLease();
    await two.observer.poll();
    expect(await two.value(leading)).toBe(1);
    expect(await two.value(finished)).toBe(2);
    await world.addRun('after', { ago: 5 });
    await two.observer.poll();
    // The former leader was only slow. It follows now, and reports the same.
    await one.observer.poll();
    expect([await one.value(leading), await one.value(up), await one.value(finished)]).toEqual([0, 1, 3]);
    expect(await answers(one)).toEqual(await answers(two));
  });

  it('whose leader is busy for longer than its lease: it keeps the lead', async () => {
    const one = await exporterOf(0.3);
    await one.settle();
    const [writer, other] = [new IndexWriter(one.indexPool, 'held', 0.3), new IndexWriter(one.indexPool, 'held', 0.3)];
    expect((await writer.lead({})).leads).toBe(true);
    const release = writer.holdLead();
    // Five times the duration of the lease.
    await world.index.pool.query('select pg_sleep(1.5)');
    expect((await other.lead({})).leads).toBe(false);
    release();
    await world.index.pool.query('select pg_sleep(0.6)');
    expect((await other.lead({})).leads).toBe(true);
  });

  it('of which the leader stops: it hands over at once', async () => {
    const [one, two] = [await exporterOf(), await exporterOf()];
    await one.settle();
    await two.observer.poll();
    await one.close();
    await two.observer.poll();
    expect(await two.value(leading)).toBe(1);
  });

  it('learn when the lease ends by the clock of the index, so that neither waits longer', async () => {
    const [one, two] = [await exporterOf(100), await exporterOf(100)];
    await one.settle();
    await two.observer.poll();
    expect(one.observer.takeoverInMs).toBeNull();
    expect(two.observer.takeoverInMs! / 1000).toBeGreaterThan(50);
    expect(two.observer.takeoverInMs! / 1000).toBeLessThanOrEqual(100);
  });

  it('both drop a histogram when its bounds are changed', async () => {
    const [one, two] = [await exporterOf(), await exporterOf()];
    await world.addDag('other');
    await one.settle();
    await world.addRun('run', { ago: 5 });
    await one.observer.poll();
    await two.observer.poll();
    await world.index.pool.query(`delete from runbeat_index.series where metric = 'runbeat_run_duration_seconds'`);
    await world.index.pool.query(`update runbeat_index.source set pruned = pruned + 1`);
    await two.observer.poll();
    expect(await two.metrics()).not.toContain('runbeat_run_duration_seconds_count{');
  });
});

describe('the index', () => {
  it('uses no new ids when it is loaded, however often that is', async () => {
    const ids = async (): Promise<unknown> =>
      (
        await world.index.pool.query(`select (select last_value from runbeat_index.source_id_seq) as source,
          (select last_value from runbeat_index.dag_id_seq) as dag,
          (select last_value from runbeat_index.business_key_id_seq) as key`)
      ).rows[0];
    let before: unknown;
    for (let round = 0; round < 3; round++) {
      const exporter = await exporterOf();
      await world.addRun(`run_${round}`, { ago: 5, conf: { user_id: 1 } });
      await exporter.settle();
      await exporter.close();
      before ??= await ids();
    }
    expect(await ids()).toEqual(before);
  });

  it('is created again if its schema is dropped, and the lookup finds the history again', async () => {
    const exporter = await exporterOf();
    await world.addRun('old', { ago: 50, conf: { user_id: 7 } });
    await exporter.settle();
    await world.addRun('counted', { ago: 5 });
    await exporter.observer.poll();
    await world.index.pool.query('drop schema runbeat_index cascade');
    await exporter.settle();
    expect(exporter.observer.status().problem).toBeNull();
    expect(await exporter.value(finished)).toBe(0);
    expect(await exporter.index.lookup('user_id', ['7'], {}, undefined, 5)).toHaveLength(1);
    await world.addRun('new', { ago: 5 });
    await exporter.observer.poll();
    expect(await exporter.value(finished)).toBe(1);
  });

  it('does not hide the present state while it is down: heartbeats and active runs are still read, and nothing is lost', async () => {
    const exporter = await exporterOf();
    await exporter.settle();
    await world.addRun('first', { ago: 5 });
    await world.index.pool.query('alter schema runbeat_index rename to elsewhere; create schema runbeat_index');
    await world.index.pool.query('create table runbeat_index.source (id int)');
    await world.addRun('active', { ago: 5, state: 'running' });
    await exporter.observer.poll();
    expect(await exporter.value(up)).toBe(1);
    expect(exporter.observer.status().problem).toMatch(/^index: /);
    expect(await exporter.value('runbeat_runs_active{source="db",dag_id="flow",state="running"}')).toBe(1);
    await world.source.pool.query(
      `update runbeat.dag_run set state = 'success', end_date = now() where run_id = 'active'`,
    );
    await exporter.observer.poll();
    await world.index.pool.query('drop schema runbeat_index cascade; alter schema elsewhere rename to runbeat_index');
    await exporter.observer.poll();
    expect(exporter.observer.status().problem).toBeNull();
    expect(await exporter.value(finished)).toBe(2);
  });
});
