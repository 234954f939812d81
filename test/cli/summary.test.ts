import { describe, expect, it } from 'vitest';
import { formatSummary, summarise } from '../../cli/demo/summary.ts';
import type { RunDetail, SchedulerStatus } from '../../shared/api.ts';

function run(state: string, duration: number | null, transitions: number[]): RunDetail {
  return {
    run: { state, duration_seconds: duration },
    transitions: transitions.map((seconds) => ({ seconds })),
  } as unknown as RunDetail;
}

function scheduler(alive: boolean, age: number): SchedulerStatus {
  return { alive, heartbeat_age_seconds: age } as unknown as SchedulerStatus;
}

describe("the demo's summary", () => {
  it('counts runs by state and measures over all transitions', () => {
    const details = [run('success', 1.5, [0.004, 0.006]), run('success', 2.5, [0.01]), run('failed', null, [])];
    expect(summarise(details, [scheduler(true, 2), scheduler(true, 4)])).toEqual({
      runs_by_state: { success: 2, failed: 1 },
      transitions: 3,
      transition_p50_seconds: 0.006,
      transition_p95_seconds: 0.01,
      transition_p99_seconds: 0.01,
      run_duration_p95_seconds: 2.5,
      heartbeat_age_seconds: 4,
    });
  });

  it('leaves schedulers of earlier demos out of the heartbeat age', () => {
    expect(summarise([], [scheduler(true, 1), scheduler(false, 86_400)]).heartbeat_age_seconds).toBe(1);
  });

  it('says that there is nothing to measure', () => {
    expect(formatSummary(summarise([], []))).toMatch(/runs +none[\s\S]*transition p50 +–[\s\S]*heartbeat age +–/);
  });
});
