import { describe, expect, it } from 'vitest';
import { Calendar } from '../../../exporter/promises/calendar.ts';
import { parseDays } from '../../../exporter/promises/days.ts';
import { dayStanding, firstDayState, judgeDays, passOver, type DayState } from '../../../exporter/promises/doneBy.ts';
import { judgeEnd } from '../../../exporter/promises/endsWithin.ts';
import type { DayPromiseRule, DayRule } from '../../../exporter/promises/rules.ts';
import { judgeStart } from '../../../exporter/promises/startsWithin.ts';
import { judgeFreshness, type Success } from '../../../exporter/promises/succeededWithin.ts';
import type { RunRow, TaskRow } from '../../../exporter/sources/rows.ts';

const us = (text: string): number => Date.parse(text) * 1000;
const iso = (moment: number): string => new Date(moment / 1000).toISOString();
const MINUTE = 60e6;

function calendar(part: Partial<DayPromiseRule> = {}, days = 'daily', except: string[] = []): Calendar {
  const rule = {
    name: 'p',
    kind: 'done_by',
    dags: [],
    time: '07:00',
    timezone: 'Europe/Berlin',
    dayBegins: '00:00',
  } as const;
  return new Calendar({ ...rule, days: parseDays(days, except) as DayRule, ...part });
}

describe('deadlines', () => {
  it.each([
    ['in winter and in summer', '07:00', '2026-01-15', '2026-01-15T06:00:00.000Z'],
    ['in summer', '07:00', '2026-07-15', '2026-07-15T05:00:00.000Z'],
    ['on the day that the clocks go forward', '07:00', '2026-03-29', '2026-03-29T05:00:00.000Z'],
    ['that the clocks skip are later by the skipped time', '02:30', '2026-03-29', '2026-03-29T01:30:00.000Z'],
    ['that occur twice are at the first occurrence', '02:30', '2026-10-25', '2026-10-25T00:30:00.000Z'],
    ['on a leap day', '07:00', '2028-02-29', '2028-02-29T06:00:00.000Z'],
  ])('%s', (_name, time, day, expected) => {
    expect(iso(calendar({ time }).deadline(day))).toBe(expected);
  });

  it('fall on promised days only', () => {
    const after = (day: string, days: string, except: string[] = []) => calendar({}, days, except).promisedAfter(day);
    expect(after('2026-11-26', 'mon-fri')).toBe('2026-11-27');
    expect(after('2026-11-27', 'mon-fri')).toBe('2026-11-30');
    expect(after('2026-12-24', 'daily', ['2026-12-25', '12-26'])).toBe('2026-12-27');
    expect(after('2026-01-31', 'last')).toBe('2026-02-28');
    expect(after('2028-02-01', 'last')).toBe('2028-02-29');
    expect(after('2026-01-31', '31')).toBe('2026-03-31');
    expect(after('2026-11-27', 'sat-mon')).toBe('2026-11-28');
    expect(after('2028-02-28', 'daily', ['02-29'])).toBe('2028-03-01');
  });

  it('belong to the local date, or to a day that begins the evening before', () => {
    expect(calendar().dayOf(us('2026-06-30T22:30:00Z'))).toBe('2026-07-01');
    const evening = calendar({ dayBegins: '20:00' });
    expect(evening.dayOf(us('2026-11-25T18:59:59Z'))).toBe('2026-11-25');
    expect(evening.dayOf(us('2026-11-25T19:00:00Z'))).toBe('2026-11-26');
    expect(evening.dayOf(us('2026-11-26T05:00:00Z'))).toBe('2026-11-26');
  });
});

describe('done_by', () => {
  const zone = calendar({ timezone: 'UTC' });
  const start: DayState = firstDayState(zone, us('2026-11-26T01:00:00Z'));
  const success = (forText: string, endText: string) => ({ run: 1, forUs: us(forText), endUs: us(endText) });

  it('is kept once, by the first success for the day', () => {
    const first = judgeDays(
      start,
      zone,
      [success('2026-11-26T03:00:00Z', '2026-11-26T04:00:00Z')],
      us('2026-11-26T04:00:05Z'),
    );
    expect(first.verdicts).toEqual([{ kept: true, atUs: us('2026-11-26T04:00:00Z'), run: 1, day: '2026-11-26' }]);
    const again = judgeDays(
      first.state,
      zone,
      [success('2026-11-26T05:00:00Z', '2026-11-26T05:30:00Z')],
      us('2026-11-26T08:00:00Z'),
    );
    expect(again.verdicts).toEqual([]);
    expect(dayStanding(again.state, zone, us('2026-11-26T08:00:00Z'))).toEqual({
      overdueSinceUs: null,
      dueUs: us('2026-11-27T07:00:00Z'),
    });
  });

  it('is broken at its deadline, and overdue until a run for that day or a later one succeeds', () => {
    const broken = judgeDays(start, zone, [], us('2026-11-26T07:00:01Z'));
    expect(broken.verdicts).toEqual([{ kept: false, atUs: us('2026-11-26T07:00:00Z'), run: null, day: '2026-11-26' }]);
    expect(dayStanding(broken.state, zone, us('2026-11-26T09:00:00Z')).overdueSinceUs).toBe(us('2026-11-26T07:00:00Z'));
    const earlier = judgeDays(
      broken.state,
      zone,
      [success('2026-11-25T03:00:00Z', '2026-11-26T09:00:00Z')],
      us('2026-11-26T09:01:00Z'),
    );
    expect(earlier.state.missed).toBe('2026-11-26');
    const good = judgeDays(
      broken.state,
      zone,
      [success('2026-11-26T08:00:00Z', '2026-11-26T09:00:00Z')],
      us('2026-11-26T09:01:00Z'),
    );
    expect(good).toMatchObject({ verdicts: [], state: { missed: null } });
  });

  it('counts a success that is read late by the time at which it ended', () => {
    const late = judgeDays(
      start,
      zone,
      [success('2026-11-26T03:00:00Z', '2026-11-26T06:59:59Z')],
      us('2026-11-26T10:00:00Z'),
    );
    expect(late.verdicts).toMatchObject([{ kept: true }]);
  });

  it('is overdue from its deadline on, even if nothing can be read', () => {
    expect(dayStanding(start, zone, us('2026-11-26T07:00:10Z')).overdueSinceUs).toBe(us('2026-11-26T07:00:00Z'));
    expect(dayStanding(start, zone, us('2026-11-26T07:00:00Z')).overdueSinceUs).toBeNull();
  });

  it('counts each day of a long outage', () => {
    expect(judgeDays(start, zone, [], us('2026-11-29T08:00:00Z')).verdicts.map(({ day }) => day)).toEqual([
      '2026-11-26',
      '2026-11-27',
      '2026-11-28',
      '2026-11-29',
    ]);
  });

  it('is not overdue for a day that an edit removes, or whose deadline it postpones', () => {
    const { state } = judgeDays(start, zone, [], us('2026-11-26T07:00:01Z'));
    const now = us('2026-11-26T08:00:00Z');
    const holiday = calendar({ timezone: 'UTC' }, 'daily', ['2026-11-26']);
    expect(dayStanding(state, holiday, now)).toEqual({ overdueSinceUs: null, dueUs: us('2026-11-27T07:00:00Z') });
    const later = calendar({ timezone: 'UTC', time: '09:00' });
    expect(dayStanding(state, later, now)).toEqual({ overdueSinceUs: null, dueUs: us('2026-11-26T09:00:00Z') });
    expect(dayStanding(state, later, us('2026-11-26T10:00:00Z')).overdueSinceUs).toBe(us('2026-11-26T09:00:00Z'));
    const next = judgeDays(
      state,
      holiday,
      [success('2026-11-26T08:00:00Z', '2026-11-27T08:00:00Z')],
      us('2026-11-27T09:00:00Z'),
    );
    expect(next).toMatchObject({ verdicts: [{ kept: false, day: '2026-11-27' }], state: { missed: '2026-11-27' } });
  });

  it('stays overdue for the later of two missed days after a run for the earlier one has succeeded', () => {
    const { state } = judgeDays(start, zone, [], us('2026-11-27T07:00:01Z'));
    const early = [success('2026-11-26T03:00:00Z', '2026-11-27T08:00:00Z')];
    const now = us('2026-11-27T09:00:00Z');
    const one = judgeDays(state, zone, early, now);
    expect(one.verdicts).toEqual([]);
    expect(dayStanding(one.state, zone, now).overdueSinceUs).toBe(us('2026-11-27T07:00:00Z'));
    // The same holds if everything is read at once.
    const atOnce = judgeDays(start, zone, early, now);
    expect(dayStanding(atOnce.state, zone, now).overdueSinceUs).toBe(us('2026-11-27T07:00:00Z'));
    const both = judgeDays(one.state, zone, [success('2026-11-27T03:00:00Z', '2026-11-27T09:30:00Z')], now);
    expect(both.state.missed).toBeNull();
  });

  it('does not judge days that an edit adds after their deadline', () => {
    const monthly = calendar({ timezone: 'UTC' }, '1');
    const first = judgeDays(
      firstDayState(monthly, us('2026-11-01T01:00:00Z')),
      monthly,
      [],
      us('2026-11-01T08:00:00Z'),
    );
    expect(first.verdicts).toMatchObject([{ kept: false, day: '2026-11-01' }]);
    const before = judgeDays(first.state, monthly, [], us('2026-11-25T06:00:00Z'));
    expect(before.verdicts).toEqual([]);
    const after = judgeDays(before.state, zone, [], us('2026-11-25T08:00:00Z'));
    // Like a new promise, the edit applies from the day on which it is made.
    expect(after.verdicts).toMatchObject([{ kept: false, day: '2026-11-25' }]);
    expect(dayStanding(after.state, zone, us('2026-11-25T08:00:00Z')).overdueSinceUs).toBe(us('2026-11-01T07:00:00Z'));
  });

  it('gives no verdict on days while the DAG is paused', () => {
    const passed = passOver(start, zone, us('2026-11-28T08:00:00Z'));
    expect(judgeDays(passed, zone, [], us('2026-11-28T08:00:01Z')).verdicts).toEqual([]);
    expect(dayStanding(passed, zone, us('2026-11-28T08:00:01Z')).dueUs).toBe(us('2026-11-29T07:00:00Z'));
  });
});

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
