import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunDetail } from '../../shared/api.ts';
import { DATA_FIXTURES } from '../airflow/lab/fixture.ts';
import { readRealAirflow, type RealAirflow } from './realAirflow.ts';

describe.each(DATA_FIXTURES)('a real %s', (fixture) => {
  const is3 = fixture.startsWith('airflow-3');
  let airflow: RealAirflow;
  beforeAll(async () => {
    airflow = await readRealAirflow(fixture);
  });
  afterAll(() => airflow.close());

  const detail: RealAirflow['detail'] = (dagId, runId) => airflow.detail(dagId, runId);
  const edges = (run: RunDetail): string[] =>
    run.transitions.map((one) => `${one.upstream_task_id} > ${one.task_id}`).sort();

  it('is recognised, and the documented read-only role can read all of it', () => {
    expect(airflow.exporter.observer.status()).toMatchObject({
      kind: is3 ? 'airflow3' : 'airflow2',
      up: true,
      problem: null,
    });
  });

  it('measures a chain of tasks, and the join after a branch from the path that ran', async () => {
    const run = await detail('branches_join');
    expect(edges(run)).toEqual(['begin > choose', 'choose > left', 'join > finish', 'left > join']);
    for (const { seconds } of run.transitions) expect(seconds).toBeGreaterThan(0);
    expect(run.tasks.find((task) => task.task_id === 'right')?.state).toBe('skipped');
  });

  it('splits a transition into the stages that the timestamps show', async () => {
    const run = await detail('user_flow', 'user-42-first');
    for (const { seconds, stages } of run.transitions) {
      const parts = [stages.noticed, stages.queued, stages.started];
      expect(parts.map((part) => part !== null)).toEqual([is3, true, true]);
      expect(parts.reduce<number>((sum, part) => sum + (part ?? 0), 0)).toBeCloseTo(seconds, 5);
    }
    expect(run.transitions).toHaveLength(2);
  });

  it('leaves out a retried task, and lists its earlier attempt if the database keeps it', async () => {
    const run = await detail('retries');
    expect(edges(run)).toEqual(['flaky > after']);
    const flaky = run.tasks.find((task) => task.task_id === 'flaky')!;
    expect(flaky.try_number).toBe(2);
    const hasHistory = fixture !== 'airflow-2.7.3';
    expect(flaky.earlier_attempts.map((attempt) => [attempt.try_number, attempt.state])).toEqual(
      hasHistory ? [[1, 'failed']] : [],
    );
  });

  it('waits for all instances of a mapped upstream', async () => {
    const run = await detail('mapped');
    const squares = run.tasks.filter((task) => task.task_id === 'square');
    expect(squares.map((task) => task.map_index).sort()).toEqual([0, 1, 2, 3, 4]);
    const total = run.transitions.find((one) => one.task_id === 'total')!;
    expect(total.ended_at).toBe(
      squares
        .map((task) => task.end_date!)
        .sort()
        .at(-1),
    );
    expect(run.transitions.filter((one) => one.task_id === 'square')).toHaveLength(5);
  });

  it('leaves out a rescheduled sensor and continues after it', async () => {
    expect(edges(await detail('rescheduled'))).toEqual(['sensor > after']);
  });

  it('leaves out a deferred task and continues after it', async () => {
    expect(edges(await detail('deferred'))).toEqual(['deferring > after']);
  });

  it('leaves out skipped tasks', async () => {
    const run = await detail('skips');
    const measured = run.transitions.map((one) => one.task_id);
    expect(measured).not.toContain('skipped_one');
    expect(measured).not.toContain('skipped_two');
  });

  it('leaves out tasks that never ran because an upstream failed', async () => {
    const run = await detail('failing');
    expect(run.run.state).toBe('failed');
    expect(edges(run)).toEqual(['fine > broken']);
  });

  it('leaves out runs that were cleared, and says so', async () => {
    const run = await detail('cleared', 'lab_cleared_whole');
    if (fixture === 'airflow-2.7.3') return expect(run.tasks.every((task) => task.try_number > 1)).toBe(true);
    expect(run.transitions).toEqual([]);
    expect(run.run.notes.join()).toMatch(/cleared/);
  });

  it('waits as each trigger rule does', async () => {
    const run = await detail('trigger_rules');
    const waitedFor = Object.fromEntries(run.transitions.map((one) => [one.task_id, one.upstream_task_id]));
    expect(waitedFor).toEqual({
      all_success: 'slow',
      one_success: 'fast',
      one_done: expect.stringMatching(/fast/),
      none_failed: 'slow',
      none_failed_min_one_success: 'slow',
      none_skipped: 'slow',
      one_failed: 'broken',
      all_done: expect.any(String),
      all_failed: 'broken',
    });
  });

  it('measures transitions to setup and teardown tasks separately', async () => {
    expect(edges(await detail('setup_teardown'))).toEqual(['work > more_work']);
  });

  it('accounts for every second of every run on its critical path', async () => {
    const { rows } = await airflow.source.pool.query('select dag_id, run_id from dag_run where start_date is not null');
    for (const { dag_id, run_id } of rows) {
      const { critical_path: path, run } = await detail(dag_id, run_id);
      if (path === null) continue;
      const { steps: _steps, ...parts } = path;
      const total = Object.values(parts).reduce((sum, seconds) => sum + seconds, 0);
      // The duration of a running run is taken a moment later than its path.
      expect(Math.abs(total - run.duration_seconds!)).toBeLessThan(run.end_date ? 1e-5 : 5);
    }
    expect(rows.length).toBeGreaterThan(20);
  });

  it('separates waits for a slot from waits for the scheduler on the critical path, or says that it can’t', async () => {
    const { critical_path: path, run } = await detail('one_slot');
    expect(path!.steps.map((step) => step.task_id)).toEqual(['begin', expect.stringMatching(/^contender_/)]);
    const [slot, unknown] = [path!.slot_seconds, path!.unknown_seconds];
    expect(is3 ? slot : unknown).toBeGreaterThan(run.duration_seconds! * 0.4);
    if (is3) expect(unknown).toBe(0);
  });

  it('leads the critical path through skipped and failed tasks', async () => {
    const steps = async (dag_id: string) => (await detail(dag_id)).critical_path!.steps.map((step) => step.task_id);
    expect(await steps('failing')).toEqual(['fine', 'broken', 'never', 'never_either']);
    expect(await steps('skips')).toEqual(['gate', 'skipped_one', 'skipped_two', 'after_skip', 'final']);
  });

  it('shows retries, pokes, deferral and the previous run as separate parts of the critical path', async () => {
    const path = async (dag_id: string, run_id?: string) => (await detail(dag_id, run_id)).critical_path!;
    expect((await path('retries')).retry_seconds).toBeGreaterThanOrEqual(1);
    expect((await path('rescheduled')).sensor_seconds).toBeGreaterThan(5);
    expect((await path('deferred')).deferred_seconds).toBeGreaterThan(5);
    const { rows } = await airflow.source.pool.query(
      "select run_id from dag_run where dag_id = 'daily' order by run_id desc limit 1",
    );
    expect((await path('daily', rows[0].run_id)).past_seconds).toBeGreaterThan(0);
  });
});
