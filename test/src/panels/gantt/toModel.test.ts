import { FieldType, toDataFrame } from '@grafana/data';
import { describe, expect, it } from 'vitest';
import { ganttFromFrames, ganttFromRun } from '../../../../src/panels/gantt/toModel.ts';
import { RUN_START, runOf } from '../plannedRun.ts';
import { failedOnboarding, ONBOARDING } from '../plans.ts';

const kinds = (model: ReturnType<typeof ganttFromRun>, key: string) =>
  model.tasks
    .find((task) => task.key === key)
    ?.attempts.at(-1)
    ?.segments.map((segment) => segment.kind);

describe('from the exporter', () => {
  it('a finished run does not move, and has its critical path in order', () => {
    const detail = runOf(ONBOARDING);
    const model = ganttFromRun(detail);
    expect(model).toMatchObject({ live: false, manyRuns: false, start: RUN_START });
    expect(model.criticalPath).toEqual(
      detail.critical_path!.steps.map((step) =>
        step.map_index < 0 ? step.task_id : `${step.task_id}[${step.map_index}]`,
      ),
    );
    expect(model.end).toBe(Date.parse(detail.run.end_date!));
  });

  it('a running run: running tasks have no end, ready ones wait for the scheduler, the others have no bar', () => {
    const model = ganttFromRun(runOf(ONBOARDING, 9));
    expect(model.live).toBe(true);
    expect(kinds(model, 'credit.request_bureau_a')).toEqual(['scheduler', 'slot', 'running']);
    expect(kinds(model, 'screening.score')).toEqual(['scheduler']);
    expect(kinds(model, 'finish')).toEqual([]);
    expect(model.tasks.find((task) => task.key === 'finish')).toMatchObject({ start: null, end: null });
  });

  it('tasks without an end in a finished run end with the run', () => {
    const detail = runOf(ONBOARDING);
    const orphan = detail.tasks.find((task) => task.task_id === 'risk.model_score')!;
    Object.assign(orphan, { state: 'running', end_date: null });
    const model = ganttFromRun(detail);
    expect(model.live).toBe(false);
    expect(model.tasks.find((task) => task.taskId === 'risk.model_score')?.end).toBe(Date.parse(detail.run.end_date!));
  });

  it('a failed task keeps its earlier attempts, and the tasks that failed because of it have no wait', () => {
    const model = ganttFromRun(failedOnboarding());
    const failed = model.tasks.find((task) => task.taskId === 'credit.limit')!;
    expect(failed.attempts.map((attempt) => [attempt.tryNumber, attempt.state])).toEqual([
      [1, 'failed'],
      [2, 'failed'],
      [3, 'failed'],
    ]);
    const taken = model.tasks.find((task) => task.taskId === 'join_checks')!;
    expect(taken.attempts[0]).toMatchObject({ state: 'upstream_failed', segments: [] });
    expect(taken.attempts[0]!.markAt).not.toBeNull();
  });

  it('a run without task instances is an empty chart, not an error', () => {
    expect(ganttFromRun(runOf([]))).toMatchObject({ tasks: [], start: null, end: null, live: false });
  });
});

describe('from data frames', () => {
  const rows = (fields: Record<string, unknown[]>) =>
    toDataFrame({ fields: Object.entries(fields).map(([name, values]) => ({ name, values, type: FieldType.other })) });

  it('rows of one task instance are its attempts, whatever their order', () => {
    const model = ganttFromFrames([
      rows({
        task_id: ['a', 'a', 'b'],
        map_index: [-1, -1, 3],
        try_number: [2, 1, 1],
        state: ['success', 'failed', 'running'],
        queued_at: [300, 10, 20],
        start_date: [310, 20, 30],
        end_date: [400, 100, null],
        on_critical_path: [true, false, false],
      }),
    ]);
    expect(model.tasks.map((task) => [task.key, task.state, task.attempts.length])).toEqual([
      ['a', 'success', 2],
      ['b[3]', 'running', 1],
    ]);
    expect(model.tasks[0]).toMatchObject({ critical: true, start: 10, end: 400 });
    expect(model).toMatchObject({ live: true, criticalPath: ['a'] });
  });

  it('two runs stay separate although their tasks have the same names', () => {
    const model = ganttFromFrames([
      rows({
        run_id: ['r1', 'r2'],
        task_id: ['a', 'a'],
        state: ['success', 'failed'],
        start_date: [1, 1],
        end_date: [2, 2],
      }),
    ]);
    expect(model.manyRuns).toBe(true);
    expect(new Set(model.tasks.map((task) => task.key)).size).toBe(2);
  });

  it('times as strings, and a duration instead of an end, are read', () => {
    const model = ganttFromFrames([
      rows({ task_id: ['a'], state: ['success'], start_date: ['2026-03-14T03:00:00Z'], duration_seconds: [1.5] }),
    ]);
    const start = Date.parse('2026-03-14T03:00:00Z');
    expect(model.tasks[0]).toMatchObject({ start, end: start + 1500 });
  });

  it.each([
    ['tasks without times', { task_id: ['a'], state: ['success'] }],
    ['times without tasks', { run_id: ['a'], start_date: [1] }],
    ['a graph', { id: ['a'], source: ['b'], target: ['c'] }],
  ])('%s is not a Gantt', (_, fields) => {
    expect(ganttFromFrames([rows(fields)]).tasks).toEqual([]);
  });

  it('a row without a task_id is left out', () => {
    expect(ganttFromFrames([rows({ task_id: [null, 'a'], start_date: [1, 2] })]).tasks).toHaveLength(1);
  });
});
