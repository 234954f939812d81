import type { Micros, RunRow, TaskRow } from '../sources/rows.ts';
import { wasNeverBegun } from '../flow/executed.ts';
import { isAwaited } from './awaited.ts';
import type { Verdict } from './verdict.ts';

/**
 * Judges the time from when a run was due (or requested) to the start of its first task. An ended run in which no task ran is not
 * judged. `watchedSinceUs`: since when the DAG has been known and not paused.
 */
export function judgeStart(
  run: RunRow,
  tasks: Iterable<TaskRow>,
  limitUs: Micros,
  watchedSinceUs: Micros,
  nowUs: Micros,
): Verdict | null {
  const due = startDue(run, limitUs, watchedSinceUs);
  if (due === null) return null;
  const { first, isRetried } = firstStart(tasks);
  const verdict = { run: run.id, day: null };
  if (first !== null && first <= due) return { ...verdict, kept: true, atUs: first };
  if (first === null && run.end_us !== null) return null;
  // A database keeps the start of the last try only, so an earlier one may have begun in time before anybody read it.
  if (isRetried) return null;
  return (first ?? nowUs) > due ? { ...verdict, kept: false, atUs: due } : null;
}

/**
 * When a run's first task must have started; null if it is not judged. Catch-up runs, which were due before the DAG was observed,
 * count from when they were queued.
 */
export function startDue(run: RunRow, limitUs: Micros, watchedSinceUs: Micros): Micros | null {
  if (!isAwaited(run)) return null;
  const isWatched = run.due_us !== null && run.due_us >= watchedSinceUs;
  const from = isWatched ? run.due_us : (run.queued_us ?? run.start_us);
  return from === null ? null : from + limitUs;
}

function firstStart(tasks: Iterable<TaskRow>): { first: Micros | null; isRetried: boolean } {
  let first: Micros | null = null;
  let isRetried = false;
  for (const task of tasks) {
    if (task.state === 'removed' || wasNeverBegun(task)) continue;
    isRetried ||= task.try_number > 1;
    if (task.start_us !== null && (first === null || task.start_us < first)) first = task.start_us;
  }
  return { first, isRetried };
}
