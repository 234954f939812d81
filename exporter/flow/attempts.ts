import { isFinishedTask } from '../../shared/states.ts';
import type { Micros, TaskRow } from '../sources/rows.ts';

/** The end of a task instance that is in the counters. */
export interface CountedEnd {
  end_us: Micros;
  /** Null where an older version of the index did not keep them. */
  try_number: number | null;
  start_us: Micros | null;
}

export function countedEnd({ end_us, try_number, start_us }: TaskRow): CountedEnd {
  return { end_us: end_us ?? 0, try_number, start_us };
}

/** A finished instance whose end is not in the counters yet. Airflow may write the end of one attempt twice, a second apart. */
export function isNewlyFinished(task: TaskRow, counted: CountedEnd | undefined): boolean {
  if (!isFinishedTask(task.state)) return false;
  if (!counted) return true;
  if (counted.end_us === (task.end_us ?? 0)) return false;
  const isSameAttempt =
    task.start_us !== null && counted.start_us === task.start_us && counted.try_number === task.try_number;
  return !isSameAttempt;
}
