import type { Timestamp } from './page.ts';

/** Why unfinished work does not go on. */
export const WAITING_REASONS = [
  /** The scheduler should have acted: everything that it waits for is there. */
  'scheduler',
  /** Upstream tasks have not finished. */
  'upstream',
  /** Its previous run's instance has not succeeded (depends_on_past, wait_for_downstream). */
  'depends_on_past',
  /** Handed to the executor, which has not started it. */
  'executor',
  'pool_full',
  /** The pool does not exist, or is smaller than the slots that the task asks for: it never starts. */
  'pool_unusable',
  /** max_active_tasks of the DAG (Airflow 2, bundled scheduler) or of the run (Airflow 3). */
  'max_active_tasks',
  /** max_active_tis_per_dag. */
  'task_limit',
  /** max_active_tis_per_dagrun. */
  'task_limit_per_run',
  /** The executor takes no more tasks at once. */
  'parallelism',
  /** The run is queued: its DAG (or backfill) has as many running runs as it may have. */
  'max_active_runs',
  /** The task waits for its run, which is still queued. */
  'run_queued',
  'dag_paused',
  /** The DAG is no longer in any file, or its file can't be imported. */
  'dag_missing',
  'backfill_paused',
  /** An `airflow dags backfill` process drives this run; the scheduler leaves it alone (Airflow 2). */
  'backfill_process',
  /** Its logical date or, in Airflow 3, its run_after lies ahead. */
  'not_due',
  'retry',
  /** The sensor's next poke is due later. */
  'next_poke',
  /** Deferred to a trigger. */
  'trigger',
  /** A person must answer (Airflow 3.3 and later; earlier versions defer such a task). */
  'input',
  /** Its try is being ended, to start again. */
  'restarting',
  /** The database does not tell. */
  'unknown',
] as const;

export type WaitingReason = (typeof WAITING_REASONS)[number];

/** Names a run, or a task instance of one. */
export interface WorkRef {
  dag_id: string;
  run_id: string;
  /** Null for a run. */
  task_id: string | null;
  /** −1 for a task that is not mapped; null for a run. */
  map_index: number | null;
}

/** Why an unfinished task instance or run does not go on, as of the last poll. */
export interface Waiting {
  reason: WaitingReason;
  /** Since when; null where the source does not tell. For `scheduler`: since when it could have been acted on. */
  since: Timestamp | null;
  /** When the waiting ends by itself (retry, next poke, run_after, a trigger's timeout); null where nothing is planned. */
  until: Timestamp | null;
  /** One sentence for a person. */
  detail: string;
  /** What it waits for, or what holds the slots: some of it, and how many there are in all. */
  blockers: WorkRef[];
  blockers_total: number;
}
