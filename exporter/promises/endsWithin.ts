import type { Micros, RunRow } from '../sources/rows.ts';
import { isAwaited } from './awaited.ts';
import type { Verdict } from './verdict.ts';

/**
 * Judges the time from start to end of a run, in any final state. An active run breaks the promise when the limit has passed.
 * Null while there is no verdict, and for runs that no one waits for.
 */
export function judgeEnd(run: RunRow, limitUs: Micros, nowUs: Micros): Verdict | null {
  const due = endDue(run, limitUs);
  if (due === null) return null;
  const verdict = { run: run.id, day: null };
  if (run.end_us !== null && run.end_us <= due) return { ...verdict, kept: true, atUs: run.end_us };
  return (run.end_us ?? nowUs) > due ? { ...verdict, kept: false, atUs: due } : null;
}

/** When a run must have ended; null if it is not judged, or has not started. */
export function endDue(run: RunRow, limitUs: Micros): Micros | null {
  return run.start_us === null || !isAwaited(run) ? null : run.start_us + limitUs;
}
