import { EXECUTED_TASK_STATES } from '../../shared/states.ts';
import type { PastTaskRow } from '../sources/rows.ts';
import type { TaskStructure } from '../sources/structure.ts';

/** Airflow's scheduler ends these itself, without an executor. They have no queued_dttm, but were scheduled like any other task. */
const EMPTY_OPERATORS: readonly (string | null)[] = ['EmptyOperator', 'DummyOperator'];

/**
 * Whether a person set the state of a task that never ran: it has no host, and its end equals its start. Its timestamps are those of
 * the click, so they say nothing about durations. It may have a try, which since Airflow 2.10 begins when the task is scheduled.
 */
export function isMarkedByHand(task: PastTaskRow, definition: TaskStructure | undefined): boolean {
  const neverRan = !task.hostname && task.start_us === task.end_us;
  return neverRan && EXECUTED_TASK_STATES.includes(task.state) && !isEmpty(task, definition);
}

/** Whether the task really ran to its end. */
export function ranToItsEnd(task: PastTaskRow, definition: TaskStructure | undefined): boolean {
  return EXECUTED_TASK_STATES.includes(task.state) && !isMarkedByHand(task, definition);
}

const NOTHING_RAN: readonly (string | null)[] = ['skipped', 'upstream_failed'];

/**
 * Whether the scheduler or another task ended this one before anything happened to it. Otherwise, a skipped task may have worked and then
 * skipped itself. Or its run has timed out: Airflow then skips what is unfinished, and writes no end.
 */
export function wasNeverBegun(task: PastTaskRow): boolean {
  if (!NOTHING_RAN.includes(task.state)) return false;
  if (task.end_us === null) return !wasCutOff(task);
  return !task.hostname || task.start_us === null || task.end_us <= task.start_us;
}

/**
 * Whether the scheduler skipped a task because its run timed out, although it was running, or waited for its start. Since Airflow 2.10, a
 * task has a try as soon as it is scheduled.
 */
function wasCutOff({ state, end_us, start_us, queued_us, scheduled_us, try_number }: PastTaskRow): boolean {
  return state === 'skipped' && end_us === null && (try_number > 0 || (start_us ?? queued_us ?? scheduled_us) !== null);
}

function isEmpty(task: PastTaskRow, definition: TaskStructure | undefined): boolean {
  return definition?.is_empty === true || EMPTY_OPERATORS.includes(task.operator);
}
