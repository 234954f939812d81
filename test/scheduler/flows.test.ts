import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rerunTasks, setPaused, triggerDag } from '../../scheduler/control.ts';
import { readLogs } from '../../scheduler/store/inspect.ts';
import { openLab, stateOf, type Lab } from './lab.ts';

const SHAPES = `import { dag, SkipTask, FailTask } from 'runbeat';
export const shapes = dag('shapes', { params: { greeting: 'hello', name: 'nobody' } }, (b) => {
  const first = b.task('first', {}, ({ conf, log }) => log(conf.greeting + ' ' + conf.name));
  const skipped = b.task('skipped', { after: first }, () => { throw new SkipTask('not today'); });
  const behind = b.task('behind_skipped', { after: skipped }, () => undefined);
  const flaky = b.task('flaky', { after: first, retries: 2, retryDelaySeconds: 0 }, ({ tryNumber }) => {
    if (tryNumber < 3) throw new Error('attempt ' + tryNumber + ' fails');
  });
  b.task('join', { after: [behind, flaky], triggerRule: 'none_failed_min_one_success' }, () => console.log('printed'));
});
export const failing = dag('failing', {}, (b) => {
  const bad = b.task('bad', { retries: 5 }, ({ conf }) => { if (!conf.fixed) throw new FailTask('no use'); });
  const next = b.task('next', { after: bad }, () => undefined);
  b.task('cleanup', { after: next, triggerRule: 'all_done' }, () => undefined);
  b.task('report', { after: next }, () => undefined);
});
export const mended = dag('mended', {}, (b) => {
  const once = b.task('fails_once', {}, ({ tryNumber }) => { if (tryNumber === 1) throw new Error('the first time'); });
  const after = b.task('after', { after: once }, () => undefined);
  b.task('last', { after }, () => undefined);
});
export const waiting = dag('waiting', {}, (b) => {
  let pokes = 0;
  b.sensor('arrived', { pokeIntervalSeconds: 0.05 }, () => ++pokes >= 3);
  b.sensor('never', { pokeIntervalSeconds: 0.05, giveUpAfterSeconds: 0.1, softFail: true }, () => false);
});
export const parent = dag('parent', {}, (b) => {
  b.triggerDag('start', { dagId: 'shapes' }, ({ conf }) => [{ runId: 'child_' + conf.n, conf: { name: 'child' } }]);
});
export const orphan = dag('orphan', {}, (b) => { b.triggerDag('start', { dagId: 'nobody_knows' }); });
`;

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
  lab.write('shapes.ts', SHAPES);
  await lab.scheduler();
  await lab.worker();
});
afterAll(() => lab.close());

describe('a run', () => {
  it('goes through skips, retries and a join, and keeps every attempt and its output', async () => {
    const runId = await lab.trigger('shapes', { name: 'Ada' });
    const run = await lab.finished('shapes', runId);
    expect(run.state).toBe('success');
    expect(Object.fromEntries(run.tasks.map((task) => [task.task_id, task.state]))).toEqual({
      first: 'success',
      skipped: 'skipped',
      behind_skipped: 'skipped',
      flaky: 'success',
      join: 'success',
    });
    const flaky = run.tasks.find((task) => task.task_id === 'flaky')!;
    expect(flaky.try_number).toBe(3);
    expect(flaky.earlier_attempts.map((attempt) => [attempt.try_number, attempt.state])).toEqual([
      [1, 'failed'],
      [2, 'failed'],
    ]);
    const logs = async (task: string): Promise<string[]> =>
      (await readLogs(lab.pool, { dagId: 'shapes', runId }, task, null)).map((log) => log.content);
    expect(await logs('first')).toEqual(['hello Ada\n']);
    expect(await logs('join')).toEqual(['printed\n']);
    expect((await logs('flaky'))[1]).toContain('attempt 2 fails');
  });

  it('fails with its last tasks, without retrying those that threw a permanent error', async () => {
    const run = await lab.finished('failing', await lab.trigger('failing'));
    expect(run.state).toBe('failed');
    expect(stateOf(run, 'bad')).toBe('failed');
    expect(run.tasks.find((task) => task.task_id === 'bad')!.try_number).toBe(1);
    expect(stateOf(run, 'next')).toBe('upstream_failed');
    expect(stateOf(run, 'cleanup')).toBe('success');
  });

  it('is not created a second time with the same id', async () => {
    const request = { dagId: 'shapes', runId: 'only_once', logicalDate: null, conf: {}, triggeredBy: 'test' };
    await triggerDag(lab.pool, request);
    await expect(triggerDag(lab.pool, request)).rejects.toThrow('already has a run "only_once"');
    await expect(triggerDag(lab.pool, { ...request, dagId: 'shape' })).rejects.toMatchObject({
      message: 'there is no DAG "shape"',
      advice: expect.stringContaining('shapes'),
    });
  });
});

describe('error recovery', () => {
  it('runs failed tasks again, with those that could not run because of them, and keeps the earlier attempt', async () => {
    const runId = await lab.trigger('mended');
    expect((await lab.finished('mended', runId)).state).toBe('failed');
    const again = await rerunTasks(lab.pool, 'mended', runId, { taskId: null, downstream: false });
    expect(again.sort()).toEqual(['after', 'fails_once', 'last']);
    const run = await lab.finished('mended', runId);
    expect(run).toMatchObject({ state: 'success', clear_number: 1 });
    const [task] = run.tasks;
    expect(task).toMatchObject({ try_number: 2, state: 'success' });
    expect(task!.earlier_attempts.map((attempt) => attempt.state)).toEqual(['failed']);
  });

  it('runs one task and all later ones again', async () => {
    const runId = await lab.trigger('mended');
    await lab.finished('mended', runId);
    await rerunTasks(lab.pool, 'mended', runId, { taskId: null, downstream: false });
    await lab.finished('mended', runId);
    await rerunTasks(lab.pool, 'mended', runId, { taskId: 'after', downstream: true });
    const run = await lab.finished('mended', runId);
    expect(run.tasks.map((task) => [task.task_id, task.try_number])).toEqual([
      ['fails_once', 2],
      ['after', 2],
      ['last', 2],
    ]);
  });

  it('refuses impossible requests with a reason', async () => {
    const runId = await lab.trigger('waiting');
    await lab.finished('waiting', runId);
    const rerun = (taskId: string | null): Promise<string[]> =>
      rerunTasks(lab.pool, 'waiting', runId, { taskId, downstream: false });
    await expect(rerun(null)).rejects.toThrow('no task of the run has failed');
    await expect(rerun('x')).rejects.toThrow('has no task "x"; it has arrived, never');
    await expect(rerunTasks(lab.pool, 'waiting', 'none', { taskId: null, downstream: false })).rejects.toThrow(
      'has no run "none"',
    );
  });
});

describe('a sensor', () => {
  it('pokes in one attempt until its condition holds, and is skipped if it never holds', async () => {
    const run = await lab.finished('waiting', await lab.trigger('waiting'));
    expect(run.state).toBe('success');
    expect(stateOf(run, 'never')).toBe('skipped');
    const { rows } = await lab.pool.query(
      "select try_number, reschedules from runbeat.task_instance where run_id = $1 and task_id = 'arrived'",
      [run.run_id],
    );
    expect(rows[0]!.try_number).toBe(1);
  });
});

describe('a trigger task', () => {
  it('starts the other DAG with a conf that overrides the params', async () => {
    const run = await lab.finished('parent', await lab.trigger('parent', { n: 7 }));
    expect(run.state).toBe('success');
    const child = await lab.finished('shapes', 'child_7');
    expect(child.conf).toEqual({ greeting: 'hello', name: 'child' });
  });

  it('fails when there is no such DAG', async () => {
    const run = await lab.finished('orphan', await lab.trigger('orphan'));
    expect(run.state).toBe('failed');
    const [log] = await readLogs(lab.pool, { dagId: 'orphan', runId: run.run_id }, 'start', null);
    expect(log!.content).toContain('there is no DAG "nobody_knows"');
  });
});

describe('a paused DAG', () => {
  it('makes its runs wait until it is unpaused', async () => {
    await setPaused(lab.pool, 'shapes', true);
    const runId = await lab.trigger('shapes');
    await lab.finished('failing', await lab.trigger('failing'));
    const { rows } = await lab.pool.query('select state from runbeat.dag_run where run_id = $1', [runId]);
    expect(rows).toEqual([{ state: 'queued' }]);
    await setPaused(lab.pool, 'shapes', false);
    expect((await lab.finished('shapes', runId)).state).toBe('success');
  });
});
