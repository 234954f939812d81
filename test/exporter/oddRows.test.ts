import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { timestamp } from '../../exporter/api/time.ts';
import { openRunbeatWorld, type RunbeatWorld } from './runbeatWorld.ts';
import type { TestExporter } from './world.ts';

let world: RunbeatWorld;
let exporter: TestExporter;

beforeEach(async () => {
  world = await openRunbeatWorld();
  exporter = await world.start({ keys: 'user_id=conf.user_id' });
  await exporter.settle();
});
afterEach(() => world.close());

const finished = 'runbeat_runs_finished_total{source="db",dag_id="flow",state="success"}';

describe('one odd row affects no others', () => {
  it.each(['infinity', '-infinity', '294276-12-31', '0044-03-15 BC'])('a timestamp of %s', async (stamp) => {
    const odd = await world.addRun('odd', { ago: 9, conf: { user_id: 1 } });
    await world.source.pool.query(
      `update runbeat.dag_run set logical_date = '${stamp}', queued_at = '${stamp}', end_date = '${stamp}' where id = $1`,
      [odd],
    );
    await world.source.pool.query(`update runbeat.task_instance set end_date = '${stamp}' where dag_run_id = $1`, [
      odd,
    ]);
    await world.source.pool.query(`update runbeat.dag set next_dagrun_create_after = '${stamp}'`);
    await world.addRun('good', { ago: 5, conf: { user_id: 1 } });
    await exporter.observer.poll();
    expect(exporter.observer.status().problem).toBeNull();
    expect(await exporter.value(finished)).toBe(2);
    const runs = await exporter.index.runs({}, undefined, 10);
    expect(runs.map((run) => timestamp(run.at_us))).toHaveLength(2);
  });

  it('a run without a state is counted once it has one', async () => {
    await world.source.pool.query('alter table runbeat.dag_run alter column state drop not null');
    await world.source.pool.query('alter table runbeat.dag_run drop constraint if exists dag_run_state_check');
    const odd = await world.addRun('odd', { ago: 9 });
    await world.source.pool.query('update runbeat.dag_run set state = null where id = $1', [odd]);
    await world.addRun('good', { ago: 5 });
    await exporter.observer.poll();
    expect(exporter.observer.status().problem).toBeNull();
    expect(await exporter.value(finished)).toBe(1);
    await world.source.pool.query(`update runbeat.dag_run set state = 'running', end_date = null where id = $1`, [odd]);
    await exporter.observer.poll();
    await world.source.pool.query(`update runbeat.dag_run set state = 'success', end_date = now() where id = $1`, [
      odd,
    ]);
    await exporter.observer.poll();
    expect(await exporter.value(finished)).toBe(2);
  });

  it('a timestamp beyond the range of RFC 3339 becomes the nearest one within it', () => {
    expect([9.2e18, -9.2e18].map((us) => timestamp(us))).toEqual([
      '9999-12-31T23:59:59.000000Z',
      '0001-01-01T00:00:00.000000Z',
    ]);
  });
});

describe('an end that is written twice counts once', () => {
  const tasks = 'runbeat_tasks_finished_total{source="db",dag_id="flow",state="success"}';
  const rewrite = (run: string): Promise<unknown> =>
    world.source.pool.query(
      `update runbeat.task_instance set end_date = end_date + interval '1 s' where run_id = $1 and task_id = 'first'`,
      [run],
    );

  it('when each is seen by another poll', async () => {
    await world.addRun('run', { ago: 9, state: 'running' });
    await exporter.observer.poll();
    expect(await exporter.value(tasks)).toBe(1);
    await rewrite('run');
    await exporter.observer.poll();
    expect(await exporter.value(tasks)).toBe(1);
  });

  it('when the exporter restarts between them', async () => {
    await world.addRun('run', { ago: 9, state: 'running' });
    await exporter.observer.poll();
    await exporter.close();
    await rewrite('run');
    exporter = await world.start();
    await exporter.settle();
    expect(await exporter.value(tasks)).toBe(1);
  });

  it('when the second comes after the end of the run, and the run is read again', async () => {
    const id = await world.addRun('run', { ago: 9 });
    await exporter.observer.poll();
    expect(await exporter.value(tasks)).toBe(2);
    await world.source.pool.query(
      `update runbeat.task_instance set end_date = (select end_date from runbeat.dag_run where id = $1) + interval '0.5 s'
      where dag_run_id = $1 and task_id = 'second'`,
      [id],
    );
    await world.source.pool.query(
      `update runbeat.dag_run set state = 'running', clear_number = 1, end_date = null where id = $1`,
      [id],
    );
    await exporter.observer.poll();
    expect(await exporter.value(tasks)).toBe(2);
  });

  it('when it is the end of a run', async () => {
    const id = await world.addRun('run', { ago: 9 });
    await exporter.observer.poll();
    await world.source.pool.query(`update runbeat.dag_run set end_date = end_date + interval '1 s' where id = $1`, [
      id,
    ]);
    const rounds = exporter.observer.sweepRounds + 3;
    while (exporter.observer.sweepRounds < rounds) await exporter.observer.poll();
    expect(await exporter.value(finished)).toBe(1);
  });
});
