import { describe, expect, it } from 'vitest';
import { criticalPath, type PathFacts } from '../../exporter/flow/criticalPath.ts';
import { byTaskId } from '../../exporter/flow/transitions.ts';
import type { AttemptRow, TaskRow } from '../../exporter/sources/rows.ts';
import type { CriticalPath } from '../../shared/api.ts';
import { structure, task } from './taskRows.ts';

const S = 1e6;

function pathOf(tasks: TaskRow[], facts: Partial<PathFacts> = {}): CriticalPath {
  const chain = structure({ first: [], second: ['first'], third: ['second'] });
  const all = { tasks: byTaskId(tasks), structure: chain, attempts: new Map(), firstPokes: new Map() };
  const path = criticalPath({ ...all, pastEnds: new Map(), startUs: 0, notBeforeUs: null, endUs: 10 * S, ...facts })!;
  const { steps, ...parts } = path;
  // Whatever the timestamps are, no second is missing, and none is counted twice.
  const whole = ((facts.endUs ?? 10 * S) - (facts.startUs ?? 0)) / S;
  expect(Object.values(parts).reduce((sum, seconds) => sum + seconds, 0)).toBeCloseTo(whole, 9);
  for (const step of steps)
    for (const value of Object.values(step)) if (typeof value === 'number') expect(value).toBeGreaterThanOrEqual(-1);
  return path;
}

function ran(task_id: string, start: number, end: number, more: Partial<TaskRow> = {}): TaskRow {
  return task(task_id, start * S, end * S, { scheduled_us: (start - 0.5) * S, queued_us: (start - 0.2) * S, ...more });
}

function attempt(task_id: string, try_number: number, start: number, end: number): AttemptRow {
  const stamps = {
    scheduled_us: (start - 0.5) * S,
    queued_us: (start - 0.2) * S,
    start_us: start * S,
    end_us: end * S,
  };
  return { task_id, map_index: -1, try_number, state: 'failed', hostname: 'host', ...stamps };
}

describe('the critical path', () => {
  it('leads from the run’s start to its end, including the time after the last task', () => {
    const path = pathOf([ran('first', 1, 3), ran('second', 4, 6), ran('third', 7, 8)]);
    expect(path.steps.map((step) => step.task_id)).toEqual(['first', 'second', 'third']);
    expect(path).toMatchObject({ work_seconds: 5, scheduler_seconds: 1.5, slot_seconds: 1.5, tail_seconds: 2 });
  });

  it('says that the reason of a wait is unknown if the source has no timestamp of the scheduler', () => {
    const path = pathOf([ran('first', 1, 3, { scheduled_us: null }), ran('second', 4, 10, { scheduled_us: null })]);
    expect(path.unknown_seconds).toBeCloseTo(1.6, 9);
    expect(path).toMatchObject({ work_seconds: 8, scheduler_seconds: 0 });
  });

  it('goes through skipped tasks to the branch that skipped them, and through failed tasks', () => {
    const branch = ran('first', 1, 3);
    const skipped = task('second', 2.9 * S, 2.9 * S, { state: 'skipped' });
    const path = pathOf([branch, skipped, ran('third', 5, 9)]);
    expect(path.steps.map((step) => [step.task_id, step.state])).toEqual([
      ['first', 'success'],
      ['second', 'skipped'],
      ['third', 'success'],
    ]);
    expect(path).toMatchObject({ work_seconds: 6, scheduler_seconds: 2, slot_seconds: 1, tail_seconds: 1 });
  });

  it('goes through upstream_failed tasks to the one that failed, not to one that ended later', () => {
    const wide = structure({ broken: [], slow: [], given_up: ['broken', 'slow'], last: ['given_up'] });
    const path = pathOf(
      [
        ran('broken', 1, 2, { state: 'failed' }),
        ran('slow', 1, 4),
        task('given_up', 3 * S, 3 * S, { state: 'upstream_failed' }),
        task('last', 5 * S, 5 * S, { state: 'upstream_failed' }),
      ],
      { structure: wide },
    );
    expect(path.steps.map((step) => step.task_id)).toEqual(['broken', 'given_up', 'last']);
    expect(path).toMatchObject({ work_seconds: 1, scheduler_seconds: 0.5 + 1 + 2, tail_seconds: 5 });
  });

  // When Airflow gives a task up, by its TriggerRuleDep: at the first upstream that ends so, or after the last one.
  it.each([
    ['all_success', 'upstream_failed', 'failed', 'first'],
    ['none_failed', 'upstream_failed', 'upstream_failed', 'first'],
    ['none_failed_min_one_success', 'upstream_failed', 'failed', 'first'],
    ['one_success', 'upstream_failed', 'failed', 'last'],
    ['all_done_min_one_success', 'upstream_failed', 'failed', 'last'],
    ['all_done_setup_success', 'upstream_failed', 'failed', 'last'],
    ['all_success', 'skipped', 'skipped', 'first'],
    ['none_skipped', 'skipped', 'skipped', 'first'],
    ['all_done_min_one_success', 'skipped', 'skipped', 'first'],
    ['all_failed', 'skipped', 'success', 'first'],
    ['all_skipped', 'skipped', 'success', 'first'],
    ['all_skipped', 'skipped', 'failed', 'first'],
    ['none_failed_min_one_success', 'skipped', 'skipped', 'last'],
    ['one_success', 'skipped', 'skipped', 'last'],
    ['one_failed', 'skipped', 'success', 'last'],
    ['one_done', 'skipped', 'skipped', 'last'],
  ] as const)('leads from a task under %s that is %s by upstreams that are %s to the %s of them', (...given) => {
    const [trigger_rule, outcome, state, which] = given;
    const of = structure({ early: [], late: [], given_up: ['early', 'late'] }, { given_up: { trigger_rule } });
    const path = pathOf(
      [ran('early', 1, 2, { state }), ran('late', 1, 6, { state }), task('given_up', 7 * S, 7 * S, { state: outcome })],
      { structure: of },
    );
    expect(path.steps.map((step) => step.task_id)).toEqual([which === 'first' ? 'early' : 'late', 'given_up']);
  });

  it('goes through every iteration of a loop', () => {
    const loop = (opens = false): object => ({ loop: { group: 'loop', gate: 'gate', opens } });
    const dag = structure(
      { begin: [], first: ['begin'], gate: ['first'], after: ['gate'] },
      { first: loop(true), gate: loop() },
    );
    const of = (map_index: number): { map_index: number } => ({ map_index });
    const path = pathOf(
      [
        ran('begin', 0.6, 1),
        ...[0, 1].flatMap((at) => [
          ran('first', 2 + 3 * at, 3 + 3 * at, of(at)),
          ran('gate', 4 + 3 * at, 4.4 + 3 * at, of(at)),
        ]),
        ran('after', 8, 10),
      ],
      { structure: dag },
    );
    expect(path.steps.map((step) => [step.task_id, step.map_index])).toEqual([
      ['begin', -1],
      ['first', 0],
      ['gate', 0],
      ['first', 1],
      ['gate', 1],
      ['after', -1],
    ]);
  });

  it('separates earlier attempts and their delay, and attributes only the time after them to the scheduler', () => {
    const retried = structure({ first: [] }, { first: { retry: { delay_us: 2 * S, factor: 1, max_delay_us: null } } });
    const path = pathOf([ran('first', 7, 10, { try_number: 2 })], {
      structure: retried,
      attempts: new Map([['first\u0000-1', [attempt('first', 1, 1, 3)]]]),
    });
    // 0.5 s until noticed, 0.5 s for a slot, the failed attempt from 1 to 3, 2 s of delay, noticed at 6.5, started at 7.
    expect(path).toMatchObject({ scheduler_seconds: 2, slot_seconds: 1, retry_seconds: 4, work_seconds: 3 });
  });

  it('separates earlier attempts even if the source has no history of them', () => {
    const path = pathOf([ran('first', 7, 10, { try_number: 2, scheduled_us: null })]);
    expect(path).toMatchObject({ retry_seconds: 6.8, slot_seconds: 0.2, work_seconds: 3 });
  });

  it('separates the wait for the task of the previous run that a task depends on', () => {
    const past = structure({ first: [] }, { first: { depends_on_past: true } });
    const path = pathOf([ran('first', 7, 10)], { structure: past, pastEnds: new Map([['first', 6 * S]]) });
    expect(path).toMatchObject({ past_seconds: 6, scheduler_seconds: 0.5, slot_seconds: 0.5, work_seconds: 3 });
  });

  it('separates the time between a sensor’s pokes, and the time of a sensor that holds its slot', () => {
    const sensor = structure({ first: [] }, { first: { is_sensor: true } });
    const given = pathOf([ran('first', 7, 9, { rescheduled: true })], {
      structure: sensor,
      firstPokes: new Map([['first\u0000-1', 1 * S]]),
    });
    expect(given).toMatchObject({ unknown_seconds: 1, sensor_seconds: 8, tail_seconds: 1 });
    const held = pathOf([ran('first', 1, 9)], { structure: sensor });
    expect(held).toMatchObject({ sensor_seconds: 8, work_seconds: 0 });
  });

  it('separates the time in which a task is deferred to a trigger', () => {
    const path = pathOf([ran('first', 1, 10, { scheduled_us: 7 * S, queued_us: 8 * S })]);
    expect(path).toMatchObject({ unknown_seconds: 1, deferred_seconds: 6, work_seconds: 3 });
  });

  it('does not count a task that a person marked as work', () => {
    const path = pathOf([task('first', 10 * S, 10 * S, { try_number: 0, hostname: '' })]);
    expect(path).toMatchObject({ unknown_seconds: 10, work_seconds: 0 });
  });

  // Rows that Airflow 3.3.2 wrote, in seconds from the start of the run. No host: the task never ran.
  const row = (id: string, stamps: (number | null)[], more: Partial<TaskRow> = {}): TaskRow => {
    const [scheduled_us, queued_us, start_us, end_us] = stamps.map((at) => (at === null ? null : at * S));
    return task(id, start_us!, end_us!, {
      scheduled_us,
      queued_us,
      hostname: start_us === end_us ? '' : 'host',
      ...more,
    });
  };
  const skipped = { state: 'skipped', try_number: 0 } as const;

  it('counts the work of a task that skipped itself in the end', () => {
    const path = pathOf(
      [
        row('first', [1.529, 42.097, 45.231, 52.142]),
        row('second', [53.393, 54.198, 54.711, 80.627], { state: 'skipped' }),
        row('third', [104.32, 194.489, 204.57, 207.787]),
      ],
      { endUs: 213.062 * S },
    );
    expect(path.steps[1]).toMatchObject({ task_id: 'second', work_seconds: expect.closeTo(80.627 - 54.711, 6) });
    expect(path.scheduler_seconds).toBeCloseTo(1.529 + 1.251 + 23.693, 6);
  });

  it('counts what a run was doing when it timed out, where Airflow skips unfinished tasks without an end', () => {
    const never = row('third', [null, null, null, null], skipped);
    const working = pathOf(
      [
        row('first', [0.124, 1.135, 1.329, 4.371]),
        row('second', [5.583, 6.662, 6.847, null], { state: 'skipped', try_number: 1 }),
        never,
      ],
      { endUs: 26.071 * S },
    );
    expect(working.steps.map((step) => step.task_id)).toEqual(['first', 'second']);
    expect(working).toMatchObject({ work_seconds: expect.closeTo(3.042 + 19.224, 6), tail_seconds: 0 });
    const queued = pathOf(
      [
        row('first', [1.805, null, null, null], { state: 'skipped' }),
        row('second', [null, null, null, null], skipped),
        never,
      ],
      { endUs: 26.411 * S },
    );
    expect(queued.steps.map((step) => step.task_id)).toEqual(['first']);
    expect(queued).toMatchObject({ scheduler_seconds: 1.805, slot_seconds: 26.411 - 1.805, tail_seconds: 0 });
  });

  it('does not blame the scheduler for a task that waited for a slot until a person ended its run', () => {
    const path = pathOf(
      [
        row('first', [1.759, 4.94, 5.709, 12.738]),
        row('second', [13.84, null, 31.582, 31.582], { state: 'skipped' }),
        row('third', [null, null, 31.529, 31.529], skipped),
      ],
      { endUs: 31.65 * S },
    );
    expect(path.scheduler_seconds).toBeCloseTo(1.759 + 1.102, 6);
    expect(path.slot_seconds).toBeCloseTo(3.95 + 17.742, 6);
  });

  it('does not blame the scheduler for that in Airflow 2 either, which does not record when a task was scheduled', () => {
    const first = row('first', [null, 7.1, 16.8, 23.6]);
    const ended = pathOf([first, row('second', [null, null, 60, 60], { state: 'skipped', try_number: 1 })], {
      endUs: 60.1 * S,
    });
    expect(ended).toMatchObject({ unknown_seconds: expect.closeTo(7.1 + 36.4, 6), scheduler_seconds: 0 });
    const timedOut = pathOf([first, row('second', [null, null, null, null], { state: 'skipped', try_number: 1 })], {
      endUs: 90.333 * S,
    });
    expect(timedOut).toMatchObject({ unknown_seconds: expect.closeTo(7.1 + 66.733, 6), tail_seconds: 0 });
  });

  it('does not blame the scheduler for a run of Airflow 3 that starts before its logical date', () => {
    const path = pathOf([row('first', [83.012, 85.3, 91.1, 92.4])], { notBeforeUs: 78.7 * S, endUs: 93.995 * S });
    expect(path).toMatchObject({ unknown_seconds: 78.7, scheduler_seconds: expect.closeTo(4.312, 6) });
  });

  it('does not call it a retry if a run was cleared and comes to a task again', () => {
    // Tasks that had not begun yet when the run was cleared get a failed try with the number 0.
    const cleared = {
      ...attempt('third', 0, 0, 62),
      scheduled_us: null,
      queued_us: null,
      start_us: null,
      hostname: '',
    };
    const path = pathOf(
      [
        row('first', [1.782, 2.604, 2.94, 9.28]),
        row('second', [80.93, 88.206, 93.119, 98.77], { try_number: 2 }),
        row('third', [125.338, 133.916, 138.987, 145.509], { try_number: 2 }),
      ],
      {
        attempts: new Map([
          ['second\u0000-1', [attempt('second', 1, 39.838, 44.723)]],
          ['third\u0000-1', [cleared, attempt('third', 1, 50, 55)]],
        ]),
        endUs: 145.509 * S,
      },
    );
    expect(path.steps[1]!.retry_seconds).toBeGreaterThan(40);
    expect(path.steps[2]).toMatchObject({ retry_seconds: 0, scheduler_seconds: expect.closeTo(26.568, 6) });
  });

  it('adds up in a run with contradictory timestamps, and in one that was cleared', () => {
    pathOf([ran('first', -5, -3), ran('second', -6, 4), ran('third', 3, 14)]);
    pathOf([ran('first', 1, 3), task('second', null, 6 * S), ran('third', 7, 8)]);
  });

  it('ends now in a run that has not ended', () => {
    const waiting = pathOf([
      ran('first', 1, 3),
      task('second', null, null, { state: 'scheduled', scheduled_us: 4 * S }),
    ]);
    expect(waiting).toMatchObject({ work_seconds: 2, scheduler_seconds: 0.5 + 1, slot_seconds: 0.5 + 6 });
    const retrying = pathOf([ran('first', 1, 3, { state: 'up_for_retry' })]);
    expect(retrying).toMatchObject({ work_seconds: 2, retry_seconds: 7 });
    const deferred = pathOf([task('first', 1 * S, null, { state: 'deferred', queued_us: 0.5 * S })]);
    expect(deferred).toMatchObject({ unknown_seconds: 1, deferred_seconds: 9 });
  });
});
