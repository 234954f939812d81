import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Collector } from '../../exporter/collectors/collector.ts';
import { Schedule } from '../../exporter/collectors/schedule.ts';
import { CollectorStatuses } from '../../exporter/collectors/status.ts';
import { IndexWriter } from '../../exporter/index/writer.ts';
import type { Logger } from '../../platform/log.ts';
import { SeriesStore } from '../../exporter/metrics/series.ts';
import { openRunbeatWorld, type RunbeatWorld } from './runbeatWorld.ts';
import type { TestExporter } from './world.ts';

const collector = (more: Partial<Collector> = {}): Collector => ({
  name: 'one',
  everySeconds: 0,
  isEssential: false,
  needs: [],
  collect: () => Promise.resolve(),
  gauges: () => [],
  ...more,
});

describe('the schedule of collectors', () => {
  it('runs each at its own interval', () => {
    let now = 0;
    const schedule = new Schedule(2, () => now);
    const [often, seldom] = [collector(), collector({ name: 'two', everySeconds: 10 })];
    for (const one of [often, seldom]) schedule.done(one, true);
    now = 2_000;
    expect([often, seldom].map((one) => schedule.isDue(one))).toEqual([true, false]);
    now = 10_000;
    expect(schedule.isDue(seldom)).toBe(true);
  });

  it('repeats an essential one at the next poll, and the others with a growing delay of up to a minute', () => {
    let now = 0;
    const schedule = new Schedule(2, () => now);
    const [essential, other] = [collector({ isEssential: true }), collector({ name: 'two' })];
    const pauses: number[] = [];
    for (let failure = 0; failure < 7; failure++) {
      schedule.done(essential, false);
      expect(schedule.isDue(essential)).toBe(true);
      schedule.done(other, false);
      const failedAt = now;
      while (!schedule.isDue(other)) now += 1_000;
      pauses.push((now - failedAt) / 1_000);
    }
    expect(pauses).toEqual([2, 6, 14, 30, 60, 60, 60]);
  });
});

describe('the status of collectors', () => {
  it('is logged once at each change, with the reason', async () => {
    const lines: string[] = [];
    const note = (_about: object, text: string): void => void lines.push(text);
    const statuses = new CollectorStatuses('db', { info: note, warn: note } as unknown as Logger);
    const fail = (): Promise<never> => Promise.reject(new Error('no right'));
    const work = (): Promise<number> => Promise.resolve(1);
    for (const collect of [work, fail, fail, work, work]) await statuses.run('one', collect);
    expect(lines).toEqual(['no right', 'works again']);
  });
});

describe('counters', () => {
  it('leave no trace if they were calculated but never stored', () => {
    const store = new SeriesStore([], { taskTransition: [1] }, 10);
    const seen = [{ metric: 'taskTransition' as const, labels: ['d'], us: 5 }];
    store.apply(seen);
    expect(store.all()).toEqual([]);
    store.accept(store.apply(seen));
    store.apply(seen);
    expect(store.all()).toMatchObject([{ count: 1, sumUs: 5, buckets: [1, 0] }]);
  });
});

describe('a fault of one collector', () => {
  let world: RunbeatWorld;
  let exporter: TestExporter;

  beforeEach(async () => {
    world = await openRunbeatWorld();
    exporter = await world.start();
    await exporter.settle();
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await world.close();
  });

  const finished = 'runbeat_runs_finished_total{source="db",dag_id="flow",state="success"}';
  it('makes only that collector repeat: the state of the source is not loaded again, and nothing is counted twice', async () => {
    const load = vi.spyOn(IndexWriter.prototype, 'load');
    await world.addRun('first', { ago: 5 });
    await world.source.pool.query('alter table runbeat.task_instance rename to elsewhere');
    for (let poll = 0; poll < 3; poll++) await exporter.observer.poll();
    expect(exporter.observer.status().problem).toMatch(/^runs: /);
    expect(await exporter.value('runbeat_collector_success{source="db",collector="schedulers"}')).toBe(1);
    await world.source.pool.query('alter table runbeat.elsewhere rename to task_instance');
    await exporter.observer.poll();
    expect(exporter.observer.status().problem).toBeNull();
    expect(await exporter.value(finished)).toBe(1);
    expect(load).not.toHaveBeenCalled();
  });

  it('does not lose what was read if it occurs before that is stored', async () => {
    await world.addRun('first', { ago: 5 });
    await world.index.pool.query('alter table runbeat_index.series rename to elsewhere');
    await exporter.observer.poll();
    expect(exporter.observer.status().problem).toMatch(/^runs: /);
    expect(await exporter.value(finished)).toBe(0);
    await world.index.pool.query('alter table runbeat_index.elsewhere rename to series');
    await exporter.observer.poll();
    expect(await exporter.value(finished)).toBe(1);
    expect(await exporter.value('runbeat_tasks_finished_total{source="db",dag_id="flow",state="success"}')).toBe(2);
  });
});
