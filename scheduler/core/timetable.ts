import { Cron } from 'croner';

/** When runs are created: at the times of a cron expression, at an interval, one after the other, or only when triggered (null). */
export type Schedule = { cron: string; timezone: string } | { interval_seconds: number } | { continuous: true } | null;

/** The part of a DAG that determines when its runs are due. */
interface Timetable {
  schedule: Schedule;
  /** RFC 3339; null for none. */
  start_date: string | null;
  catchup: boolean;
}

/** Maximum number of runs that a scheduler creates at once after an outage. The others follow at the next poll. */
const CATCHUP_BATCH = 100;

/** What is wrong with a schedule, or null. */
export function scheduleProblem(schedule: Schedule): string | null {
  if (schedule === null || !('cron' in schedule)) return null;
  try {
    new Intl.DateTimeFormat('en', { timeZone: schedule.timezone });
  } catch {
    return `there is no time zone "${schedule.timezone}"; use a name such as Europe/Berlin`;
  }
  // A year field, or a date instead of fields, is not allowed: the file would become invalid when that date has passed.
  const fields = schedule.cron.trim().split(/\s+/).length;
  if (!schedule.cron.trim().startsWith('@') && fields !== 5 && fields !== 6)
    return `"${schedule.cron}" is not a cron expression: it takes five fields, or six with the seconds first`;
  try {
    const next = new Cron(schedule.cron, { timezone: schedule.timezone }).nextRun();
    return next ? null : `the cron expression "${schedule.cron}" never fires`;
  } catch (error) {
    return `"${schedule.cron}" is not a cron expression (${(error as Error).message.replace(/^CronPattern: /, '')})`;
  }
}

/** First time after `after` at which the schedule fires; null if it has no times. */
export function nextFire(schedule: Schedule, after: Date, anchor: Date): Date | null {
  if (schedule === null || 'continuous' in schedule) return null;
  if ('cron' in schedule) return new Cron(schedule.cron, { timezone: schedule.timezone }).nextRun(after);
  const step = schedule.interval_seconds * 1000;
  const steps = Math.floor((after.getTime() - anchor.getTime()) / step) + 1;
  return new Date(anchor.getTime() + Math.max(steps, 0) * step);
}

/** When the first run of a DAG is due that is first seen at `now`. */
export function firstFire(dag: Timetable, now: Date): Date | null {
  const start = dag.start_date === null ? null : new Date(dag.start_date);
  const anchor = start ?? now;
  const from = start && (dag.catchup || start > now) ? new Date(start.getTime() - 1) : now;
  return nextFire(dag.schedule, from, anchor);
}

/** The logical dates for which to create runs now, oldest first, and the next one after them. */
export interface DueRuns {
  logicalDates: Date[];
  next: Date | null;
}

/**
 * Determines the runs that are due. `due` is the stored next logical date. With catch-up, every missed date gets a run, as far as
 * `room` allows; without it, only the newest one does.
 */
export function dueRuns(dag: Omit<Timetable, 'start_date'>, due: Date, now: Date, room: number): DueRuns {
  const logicalDates: Date[] = [];
  let next: Date | null = due;
  if (!dag.catchup) {
    next = nextFire(dag.schedule, now, due);
    const newest = newestFire(dag.schedule, due, now);
    return room > 0 ? { logicalDates: [newest], next } : { logicalDates: [], next };
  }
  while (next && next <= now && logicalDates.length < Math.min(room, CATCHUP_BATCH)) {
    logicalDates.push(next);
    next = nextFire(dag.schedule, next, due);
  }
  return { logicalDates, next };
}

/** The last time at or before `now` at which the schedule fires; `due` is such a time. */
function newestFire(schedule: Schedule, due: Date, now: Date): Date {
  if (schedule !== null && 'interval_seconds' in schedule) {
    const step = schedule.interval_seconds * 1000;
    return new Date(due.getTime() + Math.floor((now.getTime() - due.getTime()) / step) * step);
  }
  if (schedule !== null && 'cron' in schedule) {
    const cron = new Cron(schedule.cron, { timezone: schedule.timezone });
    const [previous] = cron.previousRuns(1, new Date(now.getTime() + 1));
    if (previous && previous > due) return previous;
  }
  return due;
}
