import type { Timestamp } from './page.ts';

/** Why unfinished work does not proceed. */
export const WAITING_REASONS = [
  /** The scheduler should have acted: nothing else holds the work back. */
  'scheduler',
  /** Upstream tasks have not finished. */
  'upstream',
  /** Its previous run's instance has not succeeded (depends_on_past, wait_for_downstream). */
  'depends_on_past',
  /** Handed to the executor, but not started yet. */
  'executor',
  'pool_full',
  /** The pool does not exist, or has fewer slots than the task needs, so the task never starts. */
  'pool_unusable',
  /** max_active_tasks of the DAG (Airflow 2, bundled scheduler) or of the run (Airflow 3). */
  'max_active_tasks',
  /** max_active_tis_per_dag. */
  'task_limit',
  /** max_active_tis_per_dagrun. */
  'task_limit_per_run',
  /** Since Airflow 3.2: as many scheduled tasks of the run as its max_active_tasks come before it, and other limits hold them back. */
  'outranked',
  /** The executor runs as many tasks as it can at once. */
  'parallelism',
  /** The run is queued, because its DAG (or backfill) has as many running runs as it may have. */
  'max_active_runs',
  /** The task waits for its run, which is still queued. */
  'run_queued',
  'dag_paused',
  /** The DAG is no longer in any file, or its file can't be imported. */
  'dag_missing',
  'backfill_paused',
  /** An `airflow dags backfill` process schedules this run; the scheduler ignores it (Airflow 2). */
  'backfill_process',
  /** Its logical date or, in Airflow 3, its run_after is in the future. */
  'not_due',
  'retry',
  /** The sensor's next poke is not due yet. */
  'next_poke',
  /** Deferred to a trigger. */
  'trigger',
  /** A person must answer (Airflow 3.3 and later; earlier versions defer such a task). */
  'input',
  /** Its present try is being ended, and another one follows. */
  'restarting',
  /** The database does not show the reason. */
  'unknown',
] as const;

export type WaitingReason = (typeof WAITING_REASONS)[number];

/** Identifies a run or a task instance. */
export interface WorkRef {
  dag_id: string;
  run_id: string;
  /** Null for a run. */
  task_id: string | null;
  /** −1 for a task that is not mapped; null for a run. */
  map_index: number | null;
}

/** Why an unfinished task instance or run does not proceed, as of the last poll. */
export interface Waiting {
  reason: WaitingReason;
  /** Since when it waits; null if unknown. For `scheduler`: since when the scheduler could have acted. */
  since: Timestamp | null;
  /** When the wait ends by itself (retry, next poke, run_after, a trigger's timeout); null if it does not. */
  until: Timestamp | null;
  /** One sentence that explains the wait. */
  detail: string;
  /** Some of the work that it waits for or that holds the slots, and the total number. */
  blockers: WorkRef[];
  blockers_total: number;
}
