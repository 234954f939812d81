import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLogs } from '../../scheduler/store/inspect.ts';
import { openLab, stateOf, type Lab } from './lab.ts';

const DAGS = `import { dag } from 'runbeat';
export const pokes = dag('pokes', { defaults: { retries: 3 } }, (b) => { b.sensor('never', {}, () => false); });
export const retried = dag('retried', {}, (b) => { b.task('t', {}, () => undefined); });
export const unknown = dag('unknown', {}, (b) => { b.task('t', {}, () => undefined); });
export const badDate = dag('bad_date', { schedule: '@daily', startDate: '2020-01-01T00:00:00Z' }, (b) => { b.task('t', {}, () => undefined); });
export const goodDate = dag('good_date', { schedule: '@daily', startDate: '2020-01-01T00:00:00Z' }, (b) => { b.task('t', {}, () => undefined); });
export const innocent = dag('innocent', {}, (b) => {
  const first = b.task('first', {}, () => undefined);
  b.task('second', { after: first }, () => undefined);
});`;

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
  lab.write('dags.ts', DAGS);
  const before = await lab.scheduler();
  await lab.eventually("select from runbeat.dag where dag_id = 'innocent' and current_version_id is not null");
  await before.stop();
  // Stores versions as they were before their values were checked. No scheduler sees the lane before this.
  await patch('pokes', '{tasks,0,sensor,poke_interval_seconds}', '1e18');
  await patch('retried', '{tasks,0,retries}', '3000000000');
  await patch('unknown', '{tasks,0,upstream_task_ids}', 'null');
  await patch('bad_date', '{schedule}', '{"cron": "not a cron", "timezone": "UTC"}');
  await lab.pool.query(
    "update runbeat.dag set next_dagrun_logical_date = now() - interval '1 hour', next_dagrun_create_after = now() - interval '1 hour' where dag_id like '%_date'",
  );
  await lab.scheduler();
  await lab.worker({ concurrency: 20 });
});
afterAll(() => lab.close());

async function patch(dagId: string, place: string, value: string): Promise<void> {
  await lab.pool.query(
    'update runbeat.dag_version set data = jsonb_set(data, $2::text[], $3::jsonb) where dag_id = $1',
    [dagId, place, value],
  );
}

async function innocentsSucceed(count: number): Promise<void> {
  const runIds = await Promise.all(Array.from({ length: count }, () => lab.trigger('innocent')));
  for (const runId of runIds) expect((await lab.finished('innocent', runId)).state).toBe('success');
}

describe('a value that can’t be stored', () => {
  it('at the end of an attempt fails that attempt with the reason, but no others of its group', async () => {
    const [poisoned] = await Promise.all([lab.trigger('pokes'), innocentsSucceed(10)]);
    const run = await lab.finished('pokes', poisoned);
    expect(stateOf(run, 'never')).toBe('failed');
    const [log] = await readLogs(lab.pool, { dagId: 'pokes', runId: poisoned }, 'never', null);
    expect(log!.content).toMatch(/its end \(up_for_reschedule\) could not be stored: .*out of range/);
  });

  it('in the tasks of a run fails that run with the reason, but no others', async () => {
    const [poisoned] = await Promise.all([lab.trigger('retried'), innocentsSucceed(3)]);
    const run = await lab.finished('retried', poisoned);
    expect(run).toMatchObject({ state: 'failed', tasks: [] });
    expect(run.failure_reason).toContain('out of range for type integer');
    await innocentsSucceed(1);
  });
});

describe('a definition that the scheduler can’t process', () => {
  it('fails its run with the reason, but no others', async () => {
    const [poisoned] = await Promise.all([lab.trigger('unknown'), innocentsSucceed(3)]);
    const run = await lab.finished('unknown', poisoned);
    expect(run.state).toBe('failed');
    expect(run.failure_reason).toMatch(/The scheduler could not continue this run/);
  });

  it('does not prevent scheduled runs of other DAGs', async () => {
    await lab.eventually("select from runbeat.dag_run where dag_id = 'good_date' and state = 'success'");
    await lab.eventually(
      "select from runbeat.dag where dag_id = 'bad_date' and next_dagrun_create_after > now() + interval '30 minutes'",
    );
  });
});
