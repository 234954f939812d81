import { isFinishedTask } from '../../shared/states.ts';
import type { Micros, TaskRow } from '../sources/rows.ts';

/** A counted end of a task instance. */
export interface CountedEnd {
  end_us: Micros;
  /** Null if it was counted by an older version, which did not store it. */
  try_number: number | null;
  start_us: Micros | null;
}

export function countedEnd({ end_us, try_number, start_us }: TaskRow): CountedEnd {
  return { end_us: end_us ?? 0, try_number, start_us };
}

/** Whether an instance has finished and its end is not counted yet. Airflow may write the end of one try twice, a second apart. */
export function isNewlyFinished(task: TaskRow, counted: CountedEnd | undefined): boolean {
  if (!isFinishedTask(task.state)) return false;
  if (!counted) return true;
  if (counted.end_us === (task.end_us ?? 0)) return false;
  const isSameAttempt =
    task.start_us !== null && counted.start_us === task.start_us && counted.try_number === task.try_number;
  return !isSameAttempt;
}
