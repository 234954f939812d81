import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SeriesStore } from '../../exporter/metrics/series.ts';
import { Exposition } from '../../exporter/metrics/exposition.ts';
import { IndexWriter } from '../../exporter/index/writer.ts';
import { createTestDatabase } from '../postgres/database.ts';
import { addRun, addScheduler, prepareRunbeat } from './runbeatRows.ts';
import { openRunbeatWorld, type RunbeatWorld } from './runbeatWorld.ts';

let world: RunbeatWorld;

beforeEach(async () => {
  world = await openRunbeatWorld();
});
afterEach(() => world.close());

const textOf = (exposition: Exposition): string => Buffer.concat(exposition.pieces('text')).toString();
const finished = 'runbeat_runs_finished_total{source="db",dag_id="flow",state="success"}';
const up = 'runbeat_source_up{source="db"}';

it('does not report the duration of an outage if there has never been a scheduler', async () => {
  await world.source.pool.query('delete from runbeat.job');
  const exporter = await world.start();
  await exporter.settle();
  const outage = 'runbeat_outage_active_seconds{source="db"}';
  expect(await exporter.value('runbeat_schedulers_alive{source="db"}')).toBe(0);
  expect(await exporter.value(outage)).toBeNull();
  await addScheduler(world.source.pool, 'first');
  await exporter.observer.poll();
  expect(await exporter.value(outage)).toBe(0);
});

describe('a source that goes away', () => {
  it('is reported as down, keeps its counters, and recovers by itself without counting anything twice', async () => {
    const exporter = await world.start();
    await exporter.settle();
    await world.addRun('before', { ago: 5 });
    await exporter.observer.poll();
    await world.source.pool.query('alter schema runbeat rename to elsewhere');
    await exporter.observer.poll();
    expect(await exporter.value(up)).toBe(0);
    expect(await exporter.value(finished)).toBe(1);
    expect(exporter.observer.status().problem).toMatch(/runs: .*the database has changed/);
    expect(await exporter.value('runbeat_collector_success{source="db",collector="runs"}')).toBe(0);
    await exporter.observer.poll();
    expect(exporter.observer.status().problem).toMatch(/connect: There is no dag_run table/);

    await world.source.pool.query('alter schema elsewhere rename to runbeat');
    await world.addRun('meanwhile', { ago: 4 });
    await exporter.observer.poll();
    expect(await exporter.value(up)).toBe(1);
    expect(await exporter.value(finished)).toBe(2);
  });

  it('that hangs is reported as down after the statement timeout', async () => {
    const sockets: Socket[] = [];
    const silence: Server = createServer((socket) => sockets.push(socket));
    await new Promise<void>((resolve) => silence.listen(0, '127.0.0.1', resolve));
    const { port } = silence.address() as { port: number };
    const exporter = await world.start({
      sourceUrl: `postgres://nobody@127.0.0.1:${port}/nothing`,
      options: { statementTimeoutSeconds: 0.2 },
    });
    await exporter.observer.poll();
    expect(await exporter.value(up)).toBe(0);
    expect(exporter.observer.status().problem).toMatch(/timeout/);
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => silence.close(resolve));
  });

  it('loses its gauges once they are stale, while other sources keep theirs', async () => {
    const exporter = await world.start({
      source: { heartbeatThresholdSeconds: 0.001 },
      options: { pollSeconds: 0.000_1 },
    });
    await exporter.observer.poll();
    await world.source.pool.query('alter schema runbeat rename to elsewhere');
    await exporter.observer.poll();
    expect(await exporter.value('runbeat_schedulers_alive{source="db"}')).toBeNull();
    await world.source.pool.query('alter schema elsewhere rename to runbeat');
  });
});

describe('a database that is replaced by a fresh one', () => {
  it('is read from its beginning, while the counters continue and the old runs are still found', async () => {
    const exporter = await world.start({ keys: 'user_id=conf.user_id' });
    await exporter.settle();
    for (let n = 0; n < 3; n++) await world.addRun(`old_${n}`, { conf: { user_id: 1 }, ago: 9 });
    await exporter.observer.poll();
    await exporter.close();

    const fresh = await createTestDatabase();
    await prepareRunbeat(fresh.url, fresh.pool);
    const next = await world.start({ sourceUrl: fresh.url, keys: 'user_id=conf.user_id' });
    while (await next.observer.poll());
    await addRun(fresh.pool, 'new', { conf: { user_id: 1 }, ago: 5 });
    await next.observer.poll();
    expect(next.observer.status().problem).toBeNull();
    expect(await next.value(finished)).toBe(4);
    const found = await next.index.lookup('user_id', ['1'], {}, undefined, 9);
    expect(found.map((run) => run.run_id).sort()).toEqual(['new', 'old_0', 'old_1', 'old_2']);
    await next.close();
    await fresh.drop();
  });
});

describe('a role that may not read everything', () => {
  it('fails only the collector that lacks the right, and names the SQL that grants it', async () => {
    const role = `half_${process.pid}`;
    await world.source.pool
      .query(`create role ${role} login password 'secret'; grant usage on schema runbeat to ${role};
      grant select on all tables in schema runbeat to ${role}; revoke select on runbeat.slot_pool from ${role}`);
    const url = new URL(world.source.url);
    [url.username, url.password] = [role, 'secret'];
    const exporter = await world.start({ sourceUrl: url.href });
    await exporter.observer.poll();
    expect(await exporter.value('runbeat_collector_success{source="db",collector="dags"}')).toBe(0);
    expect(await exporter.value('runbeat_collector_success{source="db",collector="runs"}')).toBe(1);
    expect(await exporter.value('runbeat_schedulers_alive{source="db"}')).toBe(1);
    expect(exporter.observer.status().problem).toMatch(/dags: permission denied.*docs\/sql/);
    await exporter.close();
    await world.source.pool.query(`drop owned by ${role}; drop role ${role}`);
  });

  it('can’t write even if it has the right, because the session is read-only', async () => {
    const exporter = await world.start();
    await exporter.observer.poll();
    await expect(
      exporter.observer.read((reader) =>
        (reader as unknown as { rows(sql: string): Promise<unknown> }).rows('create table t ()'),
      ),
    ).rejects.toThrow(/read-only transaction/);
  });
});

describe('a run that is deleted while it is active', () => {
  it('is no longer counted as active or found by the lookup', async () => {
    const exporter = await world.start({ keys: 'user_id=conf.user_id' });
    await world.addRun('gone', { state: 'running', conf: { user_id: 1 } });
    await exporter.settle();
    expect(await exporter.index.lookup('user_id', ['1'], {}, undefined, 5)).toHaveLength(1);
    await world.source.pool.query(`delete from runbeat.dag_run where run_id = 'gone'`);
    await exporter.observer.poll();
    expect(exporter.observer.active.size).toBe(0);
    expect(await exporter.index.lookup('user_id', ['1'], {}, undefined, 5)).toHaveLength(0);
  });
});

describe('what happened while no exporter was watching', () => {
  it('the sweep finds a run that was cleared and ended again between two polls', async () => {
    const exporter = await world.start();
    await exporter.settle();
    const id = await world.addRun('twice', { ago: 50 });
    await exporter.observer.poll();
    await world.source.pool.query(`update runbeat.dag_run set clear_number = 1, end_date = now() where id = $1`, [id]);
    await world.source.pool.query(
      `update runbeat.task_instance set end_date = now() where dag_run_id = $1 and task_id = 'second'`,
      [id],
    );
    await exporter.observer.poll();
    await exporter.observer.poll();
    expect(await exporter.value(finished)).toBe(2);
    expect(await exporter.value('runbeat_tasks_finished_total{source="db",dag_id="flow",state="success"}')).toBe(3);
  });
});

describe('outages', () => {
  it('are recorded with the runs that they delayed, and counted when they begin', async () => {
    const exporter = await world.start({ keys: 'user_id=conf.user_id' });
    await exporter.settle();
    expect(await exporter.value('runbeat_outages_total{source="db"}')).toBe(0);
    await world.addRun('held', { state: 'running', conf: { user_id: 5 }, ago: 300 });
    await world.source.pool.query(`update runbeat.job set latest_heartbeat = now() - interval '200 s'`);
    await exporter.observer.poll();
    expect(await exporter.value('runbeat_outage_active_seconds{source="db"}')).toBeGreaterThan(199);
    expect(await exporter.value('runbeat_outages_total{source="db"}')).toBe(1);
    await addScheduler(world.source.pool, 'beta', 0, 100);
    await world.source.pool
      .query(`update runbeat.task_instance set state = 'success', start_date = now() - interval '90 s', end_date = now() - interval '80 s'
      where run_id = 'held' and task_id = 'second'`);
    await world.source.pool.query(
      `update runbeat.dag_run set state = 'success', end_date = now() where run_id = 'held'`,
    );
    await exporter.observer.poll();
    expect(await exporter.value('runbeat_outage_active_seconds{source="db"}')).toBe(0);
    expect(await exporter.value('runbeat_outages_total{source="db"}')).toBe(1);
    const [outage] = await exporter.index.outages({}, undefined, 5);
    // It includes the time between the statements of this test.
    const isAHundredSeconds = (us: number): boolean => us / 1e6 > 99 && us / 1e6 < 160;
    expect(outage!.to_us! - outage!.from_us).toSatisfy(isAHundredSeconds);
    const delayed = await exporter.index.delayedRuns([outage!], 5);
    expect(delayed).toMatchObject([{ run_id: 'held', keys: { user_id: ['5'] } }]);
    expect(delayed[0]!.delayed_us).toSatisfy(isAHundredSeconds);
  });
});

describe('an outage', () => {
  it('ends when a poll sees its end if the first heartbeat afterwards is written late', async () => {
    const exporter = await world.start();
    await exporter.settle();
    const beat = (ago: number) =>
      world.source.pool.query(`update runbeat.job set latest_heartbeat = now() - $1 * interval '1 s'`, [ago]);
    await beat(40);
    await exporter.observer.poll();
    await beat(15);
    await exporter.observer.poll();
    const [outage] = await exporter.index.outages({}, undefined, 5);
    expect((outage!.to_us! - outage!.from_us) / 1e6).toBeGreaterThan(39);
  });
});

describe('the limit of label sets', () => {
  it('folds label sets beyond it, says so, and loses no observation', async () => {
    for (let n = 0; n < 5; n++) await world.addDag(`dag_${n}`);
    const exporter = await world.start({ options: { seriesLimit: 3 } });
    await exporter.settle();
    for (let n = 0; n < 5; n++) await world.addRun('run', { dag_id: `dag_${n}`, ago: 5 });
    await exporter.observer.poll();
    expect(await exporter.value('runbeat_runs_finished_total{source="db",dag_id="_other",state="success"}')).toBe(2);
    expect(await exporter.value('runbeat_runs_finished_total{source="db",dag_id="dag_0",state="success"}')).toBe(1);
    expect(await exporter.value('runbeat_series_folded_total{source="db",metric="runbeat_runs_finished_total"}')).toBe(
      2,
    );
  });

  it('does not fold the counters of promises', async () => {
    for (let n = 0; n < 5; n++) await world.addDag(`dag_${n}`);
    const promises = [{ name: 'quick', dags: 'dag_*', ends_within: '1h', share: '95%' }];
    const exporter = await world.start({ promises, options: { seriesLimit: 3 } });
    await exporter.settle();
    for (let n = 0; n < 5; n++) await world.addRun('run', { dag_id: `dag_${n}`, ago: 5 });
    await exporter.observer.poll();
    const counters = [0, 1, 2, 3, 4].map((n) =>
      exporter.value(`runbeat_promise_runs_total{source="db",dag_id="dag_${n}",promise="quick",verdict="kept"}`),
    );
    expect(await Promise.all(counters)).toEqual([1, 1, 1, 1, 1]);
    const folded = 'runbeat_series_folded_total{source="db",metric="runbeat_promise_runs_total"}';
    expect(await exporter.value(folded)).toBeNull();
  });
});

describe('histograms', () => {
  it('count a value that equals the promised limit as kept', () => {
    const bounds = { taskTransition: [1, 3, 10] };
    const store = new SeriesStore([], bounds, 10);
    const lengths = [3_000_000, 3_000_001, 2_999_999, 1];
    const changed = store.apply(lengths.map((us) => ({ metric: 'taskTransition', labels: ['d'], us })));
    const exposition = new Exposition(bounds);
    exposition.publish('db', changed);
    expect(textOf(exposition)).toContain('runbeat_task_transition_seconds_bucket{source="db",dag_id="d",le="3"} 3\n');
    expect(textOf(exposition)).toContain(
      'runbeat_task_transition_seconds_bucket{source="db",dag_id="d",le="+Inf"} 4\n',
    );
    expect(textOf(exposition)).toContain('runbeat_task_transition_seconds_sum{source="db",dag_id="d"} 9.000001\n');
  });

  it('escape all characters that a dag_id may have', () => {
    const exposition = new Exposition({});
    exposition.publish('db', [
      { metric: 'runsFinished', labels: ['a"b\\c\nd', 'success'], count: 1, sumUs: 0, buckets: [] },
    ]);
    expect(textOf(exposition)).toContain('dag_id="a\\"b\\\\c\\nd"');
  });

  it('restart from 0 when their buckets are changed, without affecting others', async () => {
    const exporter = await world.start();
    await exporter.settle();
    await world.addRun('run', { ago: 5 });
    await exporter.observer.poll();
    const writer = new IndexWriter(exporter.indexPool, 'db');
    const { series } = await writer.load({ taskTransition: [1, 2] });
    const metrics = series.map((one) => one.metric);
    expect(metrics).not.toContain('taskTransition');
    expect(metrics).toContain('runsFinished');
  });
});
