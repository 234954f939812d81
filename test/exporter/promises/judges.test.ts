import { describe, expect, it } from 'vitest';
import { judgeEnd } from '../../../exporter/promises/endsWithin.ts';
import { judgeStart } from '../../../exporter/promises/startsWithin.ts';
import { judgeFreshness, type Success } from '../../../exporter/promises/succeededWithin.ts';
import type { RunRow, TaskRow } from '../../../exporter/sources/rows.ts';

const MINUTE = 60e6;

describe('succeeded_within', () => {
  const fresh = { sinceUs: 0, isCounted: false };
  const LIMIT = 10 * MINUTE;
  const success = (run: number, minute: number): Success => ({ run, endUs: minute * MINUTE, isFirstEnd: true });

  it('counts each wait once: as broken as soon as it is too long, as kept by a success in time', () => {
    const kept = judgeFreshness(fresh, LIMIT, [success(1, 9)], 9.5 * MINUTE);
    expect(kept).toMatchObject({ verdicts: [{ kept: true, run: 1 }], state: { sinceUs: 9 * MINUTE } });
    const broken = judgeFreshness(kept.state, LIMIT, [], 19 * MINUTE + 1);
    expect(broken.verdicts).toEqual([{ kept: false, atUs: 19 * MINUTE, run: null, day: null }]);
    const back = judgeFreshness(broken.state, LIMIT, [success(2, 40)], 41 * MINUTE);
    expect(back).toMatchObject({ verdicts: [], state: { sinceUs: 40 * MINUTE, isCounted: false } });
  });

  it('counts waits that passed while nothing could be read by the times at which the runs ended', () => {
    const ends = [5, 20, 25].map((minute, at) => success(at, minute));
    expect(
      judgeFreshness(fresh, LIMIT, ends, 60 * MINUTE).verdicts.map(({ kept, atUs }) => [kept, atUs / MINUTE]),
    ).toEqual([
      [true, 5],
      [false, 15],
      [true, 25],
      [false, 35],
    ]);
  });

  it('counts a success that is read after a later one, unless it ended before the first wait or had ended already', () => {
    const { state } = judgeFreshness({ ...fresh, fromUs: 0 }, LIMIT, [success(1, 9)], 9 * MINUTE);
    const late = [success(2, -1), success(3, 4), { ...success(4, 5), isFirstEnd: false }];
    const judged = judgeFreshness(state, LIMIT, late, 10 * MINUTE);
    expect(judged.verdicts).toEqual([{ kept: true, atUs: 4 * MINUTE, run: 3, day: null }]);
    expect(judged.state).toEqual(state);
  });

  it('gives no verdict while the start is unknown', () => {
    expect(judgeFreshness({ sinceUs: null, isCounted: false }, LIMIT, [], 60 * MINUTE).verdicts).toEqual([]);
  });
});

function run(part: Partial<RunRow>): RunRow {
  const stamps = { logical_us: 0, due_us: null, queued_us: 0, start_us: 0, end_us: null, after_us: null };
  return {
    id: 7,
    dag_id: 'd',
    run_id: 'r',
    run_type: 'manual',
    state: 'running',
    clear_number: 0,
    decided_us: null,
    backfill_id: null,
    backfill_ordinal: null,
    version: null,
    ...stamps,
    ...part,
  };
}

describe('ends_within', () => {
  const judged = (part: Partial<RunRow>, now: number) => judgeEnd(run(part), 3 * MINUTE, now)?.kept ?? null;

  it.each([
    ['a running run is open until its time is up', {}, 3 * MINUTE, null],
    ['a running run is broken as soon as its time is up', {}, 3 * MINUTE + 1, false],
    ['a run that ended exactly at the limit has kept the promise', { end_us: 3 * MINUTE }, 9 * MINUTE, true],
    ['a run that ended later has broken it', { end_us: 3 * MINUTE + 1 }, 9 * MINUTE, false],
    ['a failed run counts by its duration', { end_us: MINUTE, state: 'failed' as const }, 9 * MINUTE, true],
    ['a run that has not started is open', { start_us: null }, 9 * MINUTE, null],
    ['a run of a backfill is not judged', { run_type: 'backfill' }, 9 * MINUTE, null],
    ['a run that was cleared is not judged', { clear_number: 1 }, 9 * MINUTE, null],
  ])('%s', (_name, part, now, expected) => {
    expect(judged(part, now)).toBe(expected);
  });

  it('is broken as of the time at which the limit was reached, however late that is read', () => {
    expect(judgeEnd(run({ end_us: 8 * MINUTE }), 3 * MINUTE, 9 * MINUTE)).toEqual({
      kept: false,
      atUs: 3 * MINUTE,
      run: 7,
      day: null,
    });
  });
});

describe('starts_within', () => {
  const task = (start_us: number | null, state: TaskRow['state'] = 'running', try_number = 1) =>
    ({ start_us, state, try_number }) as TaskRow;
  const judged = (part: Partial<RunRow>, tasks: TaskRow[], now: number, since = 0) =>
    judgeStart(run({ queued_us: 10 * MINUTE, ...part }), tasks, MINUTE, since, now)?.kept ?? null;

  it.each([
    [
      'the first task’s start counts, not the run’s',
      { start_us: 10 * MINUTE },
      [task(10.5 * MINUTE), task(12 * MINUTE)],
      13,
      0,
      true,
    ],
    ['a run with waiting tasks is broken', { start_us: 10 * MINUTE }, [task(null, 'queued')], 11.1, 0, false],
    ['but it is open before the limit', { start_us: 10 * MINUTE }, [task(null, 'queued')], 10.9, 0, null],
    ['a skipped task has not started', {}, [task(10.1 * MINUTE, 'skipped')], 12, 0, false],
    [
      'a task that skipped itself has started',
      {},
      [{ ...task(10.5 * MINUTE, 'skipped'), end_us: 12 * MINUTE, hostname: 'host' }],
      13,
      0,
      true,
    ],
    ['a scheduled run counts from when it was due', { due_us: 8 * MINUTE }, [task(10.1 * MINUTE)], 12, 0, false],
    ['a catch-up run counts from queued_at', { due_us: 8 * MINUTE }, [task(10.1 * MINUTE)], 12, 9 * MINUTE, true],
    [
      'whether the first try started in time is unknown if the second one started before the first was read',
      {},
      [task(12 * MINUTE, 'running', 2), task(13 * MINUTE)],
      14,
      0,
      null,
    ],
    ['or waits to', {}, [task(null, 'queued', 2)], 14, 0, null],
    ['the first try started in time if the second one did, too', {}, [task(10.9 * MINUTE, 'running', 2)], 14, 0, true],
    ['a task that waits for its first try has no earlier try', {}, [task(null, 'queued', 1)], 14, 0, false],
    [
      'a run in which nothing ran is not judged',
      { end_us: 20 * MINUTE },
      [task(10.1 * MINUTE, 'skipped')],
      22,
      0,
      null,
    ],
  ])('%s', (_name, part, tasks, minute, since, expected) => {
    expect(judged(part, tasks, minute * MINUTE, since)).toBe(expected);
  });
});
