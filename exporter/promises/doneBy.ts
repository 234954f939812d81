import type { Micros } from '../sources/rows.ts';
import { previous, type Calendar, type Day } from './calendar.ts';
import { RECENT } from './dagBook.ts';
import type { Verdict } from './verdict.ts';

export interface DayState {
  /** The last day that has a verdict, or that came before the promise. */
  judged: Day;
  /** First success for a day, for days that still matter. */
  done: Readonly<Record<Day, Micros>>;
  /** The oldest missed day without a later success for it or a later day. */
  missed: Day | null;
  /** Up to this day, days were not promised when their deadlines passed, or have a verdict. Absent in states from before 0.2.0. */
  passed?: Day;
}

/** A successful run; `forUs` is the moment that the run was for. */
export interface DaySuccess {
  run: number;
  forUs: Micros;
  endUs: Micros;
}

/** The initial state. A promise is judged from the day on which it is added. */
export function firstDayState(calendar: Calendar, nowUs: Micros): DayState {
  return { judged: previous(calendar.dayOf(nowUs)), done: {}, missed: null };
}

/**
 * The same for one that may have been made before: what was judged then is not judged again. Deadlines that passed before its
 * DAG came, came back or was unpaused pass without a verdict.
 */
export function beginDays(
  calendar: Calendar,
  before: DayState | null,
  nowUs: Micros,
  resumedUs: Micros | null,
): DayState {
  const first = firstDayState(calendar, nowUs);
  const state = before !== null && passedBy(before) >= first.judged ? before : first;
  const isMissedSince = state.missed !== null && resumedUs !== null && calendar.deadline(state.missed) > resumedUs;
  return resumedUs === null || isMissedSince ? state : passOver(state, calendar, resumedUs);
}

/** Each promised day is judged once: kept with the first success in time, broken at its deadline without one. */
export function judgeDays(
  state: DayState,
  calendar: Calendar,
  successes: readonly DaySuccess[],
  nowUs: Micros,
): { state: DayState; verdicts: Verdict[] } {
  const { done, runs } = withSuccesses(state.done, calendar, successes);
  const verdicts: Verdict[] = [];
  for (let next = judgeNext(passedBy(state), calendar, done, nowUs); next;) {
    verdicts.push({ ...next, run: next.kept ? (runs.get(next.day) ?? null) : null });
    next = judgeNext(next.day, calendar, done, nowUs);
  }
  const judged = verdicts.at(-1)?.day ?? state.judged;
  const broken = stillMissed(state, calendar) ?? verdicts.find((verdict) => !verdict.kept)?.day ?? null;
  const missed = broken === null ? null : missedAfter(broken, judged, calendar, done);
  const passed = later(passedBy({ ...state, judged }), calendar.passedAt(nowUs));
  return { state: { judged, done: stillNeeded(done, missed ?? passed), missed, passed }, verdicts };
}

/** The first success for each day, and the runs of those that are new. */
function withSuccesses(
  before: DayState['done'],
  calendar: Calendar,
  successes: readonly DaySuccess[],
): { done: Record<Day, Micros>; runs: Map<Day, number> } {
  const done = { ...before };
  const runs = new Map<Day, number>();
  for (const { run, forUs, endUs } of successes) {
    const day = calendar.dayOf(forUs);
    if (done[day] !== undefined && done[day] <= endUs) continue;
    done[day] = endUs;
    runs.set(day, run);
  }
  return { done, runs };
}

/** Notes successes of a DAG that is not judged now. */
export function noteSuccesses(state: DayState, calendar: Calendar, successes: readonly DaySuccess[]): DayState {
  if (successes.length === 0) return state;
  const { done } = withSuccesses(state.done, calendar, successes);
  return { ...state, done: stillNeeded(done, state.missed ?? passedBy(state)) };
}

/** No day up to this one is judged any more. */
function passedBy({ judged, passed }: Pick<DayState, 'judged' | 'passed'>): Day {
  return later(judged, passed ?? judged);
}

function later(one: Day, other: Day): Day {
  return one > other ? one : other;
}

/** Whether days have passed that the state does not say so of. */
export function isBehind(state: DayState, calendar: Calendar, nowUs: Micros): boolean {
  return calendar.passedAt(nowUs) > passedBy(state);
}

/** The verdict on the promised day after `judged`; null while it is open. */
function judgeNext(
  judged: Day,
  calendar: Calendar,
  done: DayState['done'],
  nowUs: Micros,
): (Omit<Verdict, 'run'> & { day: Day }) | null {
  const day = calendar.promisedAfter(judged);
  if (day === null) return null;
  const due = calendar.deadline(day);
  const at = done[day];
  if (at !== undefined && at <= due) return { kept: true, atUs: at, day };
  return nowUs > due ? { kept: false, atUs: due, day } : null;
}

/** Since when the promise has been broken, and when it breaks next, as far as is known now. */
export function dayStanding(
  state: DayState,
  calendar: Calendar,
  nowUs: Micros,
): { overdueSinceUs: Micros | null; dueUs: Micros | null } {
  const next = calendar.promisedAfter(passedBy(state));
  const dueUs = next === null ? null : calendar.deadline(next);
  const missed = stillMissed(state, calendar);
  if (missed !== null) {
    const missedUs = calendar.deadline(missed);
    return nowUs > missedUs ? { overdueSinceUs: missedUs, dueUs } : { overdueSinceUs: null, dueUs: missedUs };
  }
  return { overdueSinceUs: dueUs !== null && nowUs > dueUs ? dueUs : null, dueUs };
}

/** The oldest missed day that the promise, which may have been edited since, still names. */
function stillMissed({ missed, judged }: DayState, calendar: Calendar): Day | null {
  const day = missed === null ? null : calendar.promisedFrom(missed);
  return day !== null && day <= judged ? day : null;
}

/** A success makes good the missed days up to the one that it is for. */
function missedAfter(missed: Day, judged: Day, calendar: Calendar, done: DayState['done']): Day | null {
  const latest = Object.keys(done).reduce(later, '');
  if (latest < missed) return missed;
  const next = calendar.promisedAfter(latest);
  return next !== null && next <= judged ? next : null;
}

function stillNeeded(done: Readonly<Record<Day, Micros>>, from: Day): Record<Day, Micros> {
  return Object.fromEntries(Object.entries(done).filter(([day]) => day >= from));
}

/** While the DAG is paused, days pass without a verdict. */
export function passOver(state: DayState, calendar: Calendar, nowUs: Micros): DayState {
  const passed = passDays(state, calendar, nowUs);
  return passed.missed === null ? passed : { ...passed, missed: null };
}

/** Days whose deadlines are earlier get no verdict. */
function passDays(state: DayState, calendar: Calendar, nowUs: Micros): DayState {
  let { judged } = state;
  for (let from = passedBy(state); ;) {
    const day = calendar.promisedAfter(from);
    if (day === null || calendar.deadline(day) >= nowUs) break;
    judged = from = day;
  }
  return judged === state.judged ? state : { ...state, judged };
}

/** Only the last successes of a DAG are known. If all are later than a deadline, there is no telling whether it was met. */
export function withoutUnknown(state: DayState, calendar: Calendar, recent: readonly { endUs: Micros }[]): DayState {
  return recent.length < RECENT ? state : passDays(state, calendar, recent[0]!.endUs);
}
