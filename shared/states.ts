/**
 * States of runs and task instances. They are Airflow's (airflow.utils.state), so that the bundled scheduler's tables, a real Airflow's
 * tables, the API and the panels need no translation.
 */

export const DAG_RUN_STATES = ['queued', 'running', 'success', 'failed'] as const;
export type DagRunState = (typeof DAG_RUN_STATES)[number];

export const TASK_INSTANCE_STATES = [
  'scheduled',
  'queued',
  'running',
  'success',
  'restarting',
  'failed',
  'up_for_retry',
  'up_for_reschedule',
  'upstream_failed',
  'skipped',
  'deferred',
  /** Waits for a person's input (human in the loop); Airflow 3.3 and later. */
  'awaiting_input',
  'removed',
] as const;
/** `null` is Airflow's "no status": the task instance exists, but nothing has been decided about it. */
export type TaskInstanceState = (typeof TASK_INSTANCE_STATES)[number] | null;

/** Final states of a run, which it does not leave by itself. */
export const FINISHED_RUN_STATES: readonly DagRunState[] = ['success', 'failed'];

/** Final states of a task instance, which it does not leave by itself. */
export const FINISHED_TASK_STATES: readonly TaskInstanceState[] = [
  'success',
  'failed',
  'skipped',
  'upstream_failed',
  'removed',
];

/** Final states in which something really ran. The timestamps of other states must not be used for latencies. */
export const EXECUTED_TASK_STATES: readonly TaskInstanceState[] = ['success', 'failed'];

export const RUN_TYPES = ['manual', 'scheduled', 'backfill', 'asset_triggered', 'dataset_triggered'] as const;
export type RunType = (typeof RUN_TYPES)[number];

/** When a task becomes ready, judged by its direct upstreams (airflow.task.trigger_rule). */
export const TRIGGER_RULES = [
  'all_success',
  'all_failed',
  'all_done',
  'all_done_min_one_success',
  'all_done_setup_success',
  'all_skipped',
  'one_success',
  'one_failed',
  'one_done',
  'none_failed',
  'none_failed_min_one_success',
  'none_skipped',
  'always',
] as const;
export type TriggerRule = (typeof TRIGGER_RULES)[number];

const FINISHED_RUN: ReadonlySet<string | null> = new Set(FINISHED_RUN_STATES);
const FINISHED_TASK: ReadonlySet<string | null> = new Set(FINISHED_TASK_STATES);

export function isFinishedRun(state: string | null): boolean {
  return FINISHED_RUN.has(state);
}

/** Whether a task has started and now waits without a worker for something outside Airflow. */
export function isParkedTask(state: string | null): boolean {
  return state === 'deferred' || state === 'awaiting_input';
}

export function isFinishedTask(state: string | null): boolean {
  return FINISHED_TASK.has(state);
}
