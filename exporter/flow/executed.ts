import { EXECUTED_TASK_STATES } from '../../shared/states.ts';
import type { TaskRow } from '../sources/rows.ts';
import type { TaskStructure } from '../sources/structure.ts';

/** Airflow's scheduler ends these itself, without an executor: they carry no queued stamp, but were decided on like any other. */
const EMPTY_OPERATORS: readonly (string | null)[] = ['EmptyOperator', 'DummyOperator'];

/**
 * A person set the state of a task that never started: no attempt, never queued, no host, and an end that is its start.
 * Its stamps are those of the click, so nothing may be measured by them.
 */
export function isMarkedByHand(task: TaskRow, definition: TaskStructure | undefined): boolean {
  const neverRan = task.try_number === 0 && task.queued_us === null && !task.hostname && task.start_us === task.end_us;
  return neverRan && EXECUTED_TASK_STATES.includes(task.state) && !isEmpty(task, definition);
}

/** It really ran, and came to its end. */
export function ranToItsEnd(task: TaskRow, definition: TaskStructure | undefined): boolean {
  return EXECUTED_TASK_STATES.includes(task.state) && !isMarkedByHand(task, definition);
}

function isEmpty(task: TaskRow, definition: TaskStructure | undefined): boolean {
  return definition?.is_empty === true || EMPTY_OPERATORS.includes(task.operator);
}
