import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { trackedWaits } from '../../exporter/api/waiting.ts';
import { openRunbeatWorld, type RunbeatWorld } from './runbeatWorld.ts';
import type { TestExporter } from './world.ts';

let world: RunbeatWorld;
let exporter: TestExporter;

beforeAll(async () => {
  world = await openRunbeatWorld();
});
beforeEach(async () => {
  await world.source.pool.query(`truncate runbeat.dag_run cascade`);
  await world.source.pool.query(
    `update runbeat.dag set is_paused = false, lane = 'default', max_active_runs = 16, max_active_tasks = 64`,
  );
  await world.source.pool.query('update runbeat.slot_pool set slots = 128');
  await exporter?.close();
  exporter = await world.start();
});
afterAll(() => world.close());

/** Sets the state and timestamps of the task `second` of a run. */
const second = (run: number, sets: string): Promise<unknown> =>
  world.source.pool.query(`update runbeat.task_instance set ${sets} where dag_run_id = $1 and task_id = 'second'`, [
    run,
  ]);

async function waitOf(run: number, task: string | null = 'second') {
  await exporter.observer.poll();
  const tracked = exporter.observer.active.get(run)!;
  const waits = trackedWaits(exporter.observer, tracked)!;
  return task === null ? waits.ofRun() : waits.ofTask([...tracked.tasks.values()].find((one) => one.task_id === task)!);
}

describe('in the bundled scheduler', () => {
  it.each<[string, string, string]>([
    ['a retry', `state = 'up_for_retry', next_try_at = now() + interval '1 hour'`, 'retry'],
    ['a sensor', `state = 'up_for_reschedule', next_try_at = now() + interval '1 hour'`, 'next_poke'],
    ['a task in the queue', `state = 'queued', queued_dttm = now()`, 'executor'],
    ['a retry that is due', `state = 'up_for_retry', next_try_at = now() - interval '1 minute'`, 'scheduler'],
    ['a task whose upstream has ended', 'state = null', 'scheduler'],
  ])('%s waits for the reason that its row shows', async (_name, sets, reason) => {
    const run = await world.addRun('r', { state: 'running' });
    await second(run, sets);
    expect(await waitOf(run)).toMatchObject({ reason });
  });

  it('a task waits for its upstream, a full pool, and the DAG’s limit over all runs', async () => {
    const held = await world.addRun('held', { state: 'running' });
    await second(held, `state = 'queued', queued_dttm = now()`);
    const run = await world.addRun('r', { state: 'running' });
    await second(run, `state = 'scheduled', scheduled_dttm = now()`);
    await world.source.pool.query('update runbeat.slot_pool set slots = 1');
    expect(await waitOf(run)).toMatchObject({ reason: 'pool_full', blockers: [{ run_id: 'held', task_id: 'second' }] });
    await world.source.pool.query(
      `update runbeat.slot_pool set slots = 128; update runbeat.dag set max_active_tasks = 1`,
    );
    expect(await waitOf(run)).toMatchObject({ reason: 'max_active_tasks' });
    await world.source.pool.query(
      `update runbeat.task_instance set state = null, end_date = null where task_id = 'first' and dag_run_id = ${run}`,
    );
    await second(run, 'state = null');
    expect(await waitOf(run)).toMatchObject({ reason: 'upstream', blockers: [{ task_id: 'first' }] });
  });

  it('a run waits for others of its DAG, for a pause to end, and for a scheduler of its lane', async () => {
    await world.addRun('first', { state: 'running' });
    const run = await world.addRun('r', { state: 'queued' });
    await world.source.pool.query('update runbeat.dag set max_active_runs = 1');
    expect(await waitOf(run, null)).toMatchObject({ reason: 'max_active_runs', blockers: [{ run_id: 'first' }] });
    await world.source.pool.query('update runbeat.dag set is_paused = true');
    expect(await waitOf(run, null)).toMatchObject({ reason: 'dag_paused' });
    await world.source.pool.query(`update runbeat.dag set is_paused = false, max_active_runs = 16, lane = 'slow'`);
    expect(await waitOf(run, null)).toMatchObject({
      reason: 'scheduler',
      detail: expect.stringContaining('No scheduler of lane "slow" is alive.'),
    });
  });
});
