import { expect, it } from 'vitest';
import { runIdProblem, triggeredRunId } from '../../../scheduler/core/runIds.ts';

it('ids of runs that start each other stay valid and distinct, however long the chain is', () => {
  const seen = new Set<string>();
  let runId = 'manual__2026-01-31T00:00:00.000Z_abcdef';
  for (let at = 0; at < 1_000; at++) {
    const by = { dag_id: 'd'.repeat(250), run_id: runId, task_id: 't'.repeat(250) };
    runId = triggeredRunId(at % 2 ? by : { ...by, dag_id: 'short', task_id: 'next' }, at % 3);
    expect(runIdProblem(runId)).toBeNull();
    seen.add(runId);
  }
  expect(seen.size).toBe(1_000);
});

it('the same task instance gives its runs the same ids each time', () => {
  const by = { dag_id: 'd', run_id: 'r', task_id: 't' };
  expect(triggeredRunId(by, 0)).toBe('triggered__d__r__t__0');
  const long = { ...by, run_id: 'r'.repeat(250) };
  expect(triggeredRunId(long, 0)).toBe(triggeredRunId(long, 0));
});
