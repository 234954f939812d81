import { LRUCache } from 'lru-cache';
import { Temporal } from 'temporal-polyfill';
import type { Micros } from '../sources/rows.ts';
import type { DayPromiseRule, DayRule } from './rules.ts';

/** A date as YYYY-MM-DD; dates compare as texts. */
export type Day = string;

/** How far ahead to search for the next promised day. Two 29ths of February are at most 8 years apart. */
const HORIZON_DAYS = 3_000;
const KEPT = 64;

/**
 * Days and deadlines of one `done_by` promise in its time zone. A deadline that a clock change skips moves by the length of the
 * jump. If a deadline occurs twice, the first one counts (RFC 5545).
 */
export class Calendar {
  private readonly deadlines = new LRUCache<Day, Micros>({ max: KEPT });
  private readonly daysBefore = new LRUCache<Day, Day>({ max: KEPT });
  private readonly following = new LRUCache<Day, { day: Day | null }>({ max: KEPT });
  private today: { day: Day; from: Micros; to: Micros; before: Day } | null = null;

  constructor(private readonly rule: DayPromiseRule) {}

  /** The day that a moment belongs to. */
  dayOf(us: Micros): Day {
    if (this.today && us >= this.today.from && us < this.today.to) return this.today.day;
    const local = Temporal.Instant.fromEpochMilliseconds(Math.floor(us / 1000)).toZonedDateTimeISO(this.rule.timezone);
    const date = local.toPlainDate();
    const isLate = this.rule.dayBegins !== '00:00' && us >= this.instant(date.toString(), this.rule.dayBegins);
    const day = (isLate ? date.add({ days: 1 }) : date).toString();
    this.today = { day, from: this.beginOf(day), to: this.beginOf(next(day)), before: previous(day) };
    return day;
  }

  /** The last day before today whose deadline has passed, if it was promised or not. */
  passedAt(us: Micros): Day {
    this.dayOf(us);
    const { before } = this.today!;
    // A day that began the evening before may still be open when the next has begun.
    return this.deadline(before) < us ? before : previous(before);
  }

  /** Up to which moment, at least, `passedAt` stays what it is now. */
  passedAtUntil(us: Micros): Micros {
    this.dayOf(us);
    const { before, to } = this.today!;
    const deadline = this.deadline(before);
    return deadline < us ? to - 1 : Math.min(deadline, to - 1);
  }

  /** The moment by which the run for a day must have succeeded. */
  deadline(day: Day): Micros {
    let us = this.deadlines.get(day);
    if (us === undefined) {
      us = this.instant(day, this.rule.time);
      this.deadlines.set(day, us);
    }
    return us;
  }

  /** The next promised day after a day; null if there is none. */
  promisedAfter(day: Day): Day | null {
    let found = this.following.get(day);
    if (found === undefined) {
      found = { day: this.findAfter(day) };
      this.following.set(day, found);
    }
    return found.day;
  }

  /** The first promised day from a day on, which may be that day; null if there is none. */
  promisedFrom(day: Day): Day | null {
    return this.promisedAfter(this.dayBefore(day));
  }

  private dayBefore(day: Day): Day {
    let before = this.daysBefore.get(day);
    if (before === undefined) this.daysBefore.set(day, (before = previous(day)));
    return before;
  }

  private findAfter(day: Day): Day | null {
    let date = Temporal.PlainDate.from(day);
    for (let step = 0; step < HORIZON_DAYS; step++) {
      date = date.add({ days: 1 });
      if (isPromised(this.rule.days, date)) return date.toString();
    }
    return null;
  }

  private beginOf(day: Day): Micros {
    const { dayBegins } = this.rule;
    return this.instant(dayBegins === '00:00' ? day : previous(day), dayBegins);
  }

  private instant(day: Day, time: string): Micros {
    const local = Temporal.PlainDateTime.from(`${day}T${time}:00`);
    return local.toZonedDateTime(this.rule.timezone, { disambiguation: 'compatible' }).epochMilliseconds * 1000;
  }
}

export function previous(day: Day): Day {
  return Temporal.PlainDate.from(day).subtract({ days: 1 }).toString();
}

function next(day: Day): Day {
  return Temporal.PlainDate.from(day).add({ days: 1 }).toString();
}

function isPromised(days: DayRule, date: Temporal.PlainDate): boolean {
  const text = date.toString();
  if (days.exceptions.has(text) || days.exceptions.has(text.slice(5))) return false;
  if (days.weekdays.has(date.dayOfWeek) || days.monthDays.has(date.day)) return true;
  return days.lastOfMonth && date.day === date.daysInMonth;
}

export function isTimeZone(name: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    // An offset such as +02:00 is not a time zone: it has no daylight saving time.
    return !/^[+-]/.test(name);
  } catch {
    return false;
  }
}

/** Whether the text is an existing date: `2026-02-28`, or `02-29` for every year. */
export function isDate(text: string): boolean {
  const full = /^\d\d-\d\d$/.test(text) ? `2024-${text}` : text;
  if (!/^\d{4}-\d\d-\d\d$/.test(full)) return false;
  try {
    Temporal.PlainDate.from(full, { overflow: 'reject' });
    return true;
  } catch {
    return false;
  }
}
