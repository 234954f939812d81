import { describe, expect, it } from 'vitest';
import { Calendar } from '../../../exporter/promises/calendar.ts';
import { parseDays } from '../../../exporter/promises/days.ts';
import { dayStanding, firstDayState, judgeDays, passOver, type DayState } from '../../../exporter/promises/doneBy.ts';
import type { DayPromiseRule, DayRule } from '../../../exporter/promises/rules.ts';

const us = (text: string): number => Date.parse(text) * 1000;
const iso = (moment: number): string => new Date(moment / 1000).toISOString();

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
