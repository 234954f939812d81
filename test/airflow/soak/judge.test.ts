import { describe, expect, test } from 'vitest';
import { judge, TOLERANCE_SECONDS, type Pass } from './judge.ts';
import { durations, passesIn } from './passes.ts';

const NOON = Date.parse('2026-01-05T12:00:00Z');

/** Seconds after noon. */
function pass(from: number, to: number, scheduler = 'scheduler'): Pass {
  return { scheduler, from: NOON + from * 1_000, to: NOON + to * 1_000 };
}

/** At 20 seconds after noon, the exporter reports that work has been ready since noon. */
const SAMPLE = { since: NOON, at: NOON + 20_000, locked: [] };

describe('a sample above the limit', () => {
  test('is false if a scheduler has completed a whole pass since the work became ready', () => {
    const { isFalse, evidence } = judge(SAMPLE, [pass(-5, 1), pass(TOLERANCE_SECONDS, 6), pass(6, 21)]);
    expect(isFalse).toBe(true);
    expect(evidence).toBe('whole passes: 1, e.g. scheduler 12:00:02.0 to 12:00:06.0');
  });

  test('is right if no whole pass lies between the two moments, and the evidence names those that were in progress', () => {
    const { isFalse, evidence } = judge(SAMPLE, [pass(-9, -4), pass(-4, 9), pass(9, 20.5)]);
    expect(isFalse).toBe(false);
    expect(evidence).toBe('no whole pass; scheduler 11:59:56.0 to 12:00:09.0, scheduler 12:00:09.0 to 12:00:20.5');
  });

  test('is right if the pass began before the scheduler could see the work', () => {
    expect(judge(SAMPLE, [pass(TOLERANCE_SECONDS - 0.1, 10)]).isFalse).toBe(false);
  });

  test('is right if no scheduler made any pass, and the evidence names the last one', () => {
    const { isFalse, evidence } = judge(SAMPLE, [pass(-30, -20), pass(-20, -10), pass(25, 30)]);
    expect(isFalse).toBe(false);
    expect(evidence).toBe('no pass at all; the one before was scheduler 11:59:40.0 to 11:59:50.0');
  });

  test('is not false because of partial passes of two schedulers', () => {
    expect(judge(SAMPLE, [pass(-1, 12, 'scheduler'), pass(12, 22, 'second-scheduler')]).isFalse).toBe(false);
    expect(judge(SAMPLE, [pass(-1, 22, 'scheduler'), pass(8, 12, 'second-scheduler')]).isFalse).toBe(true);
  });

  test('is right if its run was locked when each whole pass began, because schedulers then skip it', () => {
    const locked = { ...SAMPLE, locked: [{ from: NOON + 5_000, to: NOON + 10_000 }] };
    const { isFalse, evidence } = judge(locked, [pass(-5, 1), pass(6, 7), pass(9, 12)]);
    expect(isFalse).toBe(false);
    expect(evidence).toBe(
      'locked when each whole pass began; scheduler 12:00:06.0 to 12:00:07.0, scheduler 12:00:09.0 to 12:00:12.0',
    );
    expect(judge(locked, [pass(2, 6)]).isFalse).toBe(true);
    expect(judge(locked, [pass(11, 14)]).isFalse).toBe(true);
  });

  test('is false if no log can be read, because a missing log is no excuse', () => {
    expect(judge(SAMPLE, [])).toEqual({ isFalse: true, evidence: 'no scheduler log contains a pass' });
  });
});

describe('the passes of a scheduler', () => {
  const AIRFLOW_3 = [
    '2026-01-05T12:00:01.250000Z [debug    ] Ran scheduling loop in 250.00 ms [airflow.jobs.scheduler_job_runner.SchedulerJobRunner] loc=scheduler_job_runner.py:1867',
    '2026-01-05T12:00:02.000000Z [debug    ] Critical section lock held by another Scheduler [airflow.jobs.scheduler_job_runner.SchedulerJobRunner] loc=scheduler_job_runner.py:1979',
    '2026-01-05T12:00:02.500000Z [debug    ] Ran scheduling loop in 900.00 ms [airflow.jobs.scheduler_job_runner.SchedulerJobRunner] loc=scheduler_job_runner.py:1867',
    '2026-01-05T12:00:04.000000Z [debug    ] Ran scheduling loop in 1500.00 ms [airflow.jobs.scheduler_job_runner.SchedulerJobRunner] loc=scheduler_job_runner.py:1867',
  ].join('\n');
  const AIRFLOW_2 = [
    '[2026-01-05T12:00:01.250+0000] {scheduler_job_runner.py:1176} DEBUG - Ran scheduling loop in 0.25 seconds',
    '[2026-01-05T12:00:02.000+0000] {scheduler_job_runner.py:1294} DEBUG - Critical section lock held by another Scheduler',
    '[2026-01-05T12:00:02.500+0000] {scheduler_job_runner.py:1176} DEBUG - Ran scheduling loop in 0.90 seconds',
    '[2026-01-05T12:00:04.000+0000] {scheduler_job_runner.py:1176} DEBUG - Ran scheduling loop in 1.50 seconds',
  ].join('\n');

  test.each([
    ['Airflow 3', AIRFLOW_3],
    ['Airflow 2', AIRFLOW_2],
  ])('are read from the log of %s, without those that were not allowed to queue tasks', (_, log) => {
    expect(passesIn(log, 'scheduler')).toEqual([pass(1, 1.25), pass(2.5, 4)]);
    expect(durations(passesIn(log, 'scheduler'))).toEqual({ p50: 0.25, p90: 0.25, max: 1.5 });
  });

  test('have no durations if there are none', () => {
    expect(durations(passesIn('[2026-01-05] nothing', 'scheduler'))).toBeNull();
  });
});
