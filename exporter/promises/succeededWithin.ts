import type { Micros } from '../sources/rows.ts';
import type { Verdict } from './verdict.ts';

export interface FreshnessState {
  /** The last success or, without one, the start of the wait for it. Null while neither is known. */
  sinceUs: Micros | null;
  /** Whether the limit after `sinceUs` has passed and the break is counted. */
  isCounted: boolean;
  /** When the first wait began. Absent in states from before 0.2.0. */
  fromUs?: Micros | null;
}

/** The end of a successful run. */
export interface Success {
  run: number;
  endUs: Micros;
  /** False for a run that had ended before and was run again, or whose end was written twice. */
  isFirstEnd: boolean;
}

/**
 * Each success ends one wait and begins the next. A wait that is too long breaks the promise once, when the limit has passed, even
 * if the wait is ongoing. A success that is read after a later one splits a wait that was already judged, and counts as kept.
 */
export function judgeFreshness(
  state: FreshnessState,
  limitUs: Micros,
  /** Ends of successful runs, oldest first. */
  successes: readonly Success[],
  nowUs: Micros,
): { state: FreshnessState; verdicts: Verdict[] } {
  const verdicts: Verdict[] = [];
  let { sinceUs, isCounted, fromUs = null } = state;
  for (const { run, endUs, isFirstEnd } of successes) {
    if (sinceUs !== null && endUs <= sinceUs) {
      if (isFirstEnd && fromUs !== null && endUs > fromUs) verdicts.push({ kept: true, atUs: endUs, run, day: null });
      continue;
    }
    if (sinceUs !== null && !isCounted) verdicts.push(verdictOn(sinceUs + limitUs, endUs, run));
    fromUs ??= sinceUs ?? endUs;
    sinceUs = endUs;
    isCounted = false;
  }
  if (sinceUs !== null && !isCounted && nowUs > sinceUs + limitUs) {
    verdicts.push(brokenAt(sinceUs + limitUs));
    isCounted = true;
  }
  return { state: { sinceUs, isCounted, fromUs }, verdicts };
}

function verdictOn(dueUs: Micros, endUs: Micros, run: number): Verdict {
  return endUs > dueUs ? brokenAt(dueUs) : { kept: true, atUs: endUs, run, day: null };
}

function brokenAt(dueUs: Micros): Verdict {
  return { kept: false, atUs: dueUs, run: null, day: null };
}
