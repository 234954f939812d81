import { EXECUTED_TASK_STATES } from '../../shared/states.ts';
import type { PastTaskRow } from '../sources/rows.ts';
import type { TaskStructure } from '../sources/structure.ts';

/** Airflow's scheduler ends these itself, without an executor. They have no queued_dttm, but were scheduled like any other task. */
const EMPTY_OPERATORS: readonly (string | null)[] = ['EmptyOperator', 'DummyOperator'];

/**
 * Whether a person set the state of a task that never ran: it has no try and no host, was never queued, and its end equals its
 * start. Its timestamps are those of the click, so they say nothing about durations.
 */
export function isMarkedByHand(task: PastTaskRow, definition: TaskStructure | undefined): boolean {
  const neverRan = task.try_number === 0 && task.queued_us === null && !task.hostname && task.start_us === task.end_us;
  return neverRan && EXECUTED_TASK_STATES.includes(task.state) && !isEmpty(task, definition);
}

/** Whether the task really ran to its end. */
export function ranToItsEnd(task: PastTaskRow, definition: TaskStructure | undefined): boolean {
  return EXECUTED_TASK_STATES.includes(task.state) && !isMarkedByHand(task, definition);
}

function isEmpty(task: PastTaskRow, definition: TaskStructure | undefined): boolean {
  return definition?.is_empty === true || EMPTY_OPERATORS.includes(task.operator);
}
