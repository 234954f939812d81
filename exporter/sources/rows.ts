import type { DagRunState, TaskInstanceState } from '../../shared/states.ts';

/**
 * What every kind of observed database is read into. Moments are microseconds since 1970 (exact in a double until the
 * year 2255); null where the database has no stamp.
 */
export type Micros = number;

/** Names one run: `id` is dag_run.id, the rest are its names. */
export interface RunRef {
  id: number;
  dag_id: string;
  run_id: string;
}

export interface RunRow extends RunRef {
  run_type: string;
  state: DagRunState;
  clear_number: number;
  logical_us: Micros | null;
  /** When a scheduled run was due; null where that is not known. */
  due_us: Micros | null;
  queued_us: Micros | null;
  start_us: Micros | null;
  end_us: Micros | null;
  /** The scheduler ignores it before this moment; null if there is no such rule. */
  after_us: Micros | null;
  /** When the scheduler last looked at it. */
  decided_us: Micros | null;
  /** The backfill of Airflow 3 that it belongs to. */
  backfill_id: number | null;
  /** Names the structure of the DAG that the run was last checked against (StructureRef.version). */
  version: string | null;
}

/** What a run's conf and run_id say about business keys. */
export interface RunKeys {
  keys: Record<string, string[]>;
  /** Why its conf could not be read, e.g. `too_large`; null when it could. */
  refused: string | null;
  /** Values by which the run can't be looked up, by key and reason. */
  leftOut: readonly { key: string; reason: 'too_many' | 'too_long' | 'unreadable'; count: number }[];
}

export type KeyedRunRow = RunRow & RunKeys;

/** Where a task instance stands. */
export interface TaskStateRow {
  /** dag_run.id of its run. */
  run: number;
  task_id: string;
  map_index: number;
  state: TaskInstanceState;
  scheduled_us: Micros | null;
  queued_us: Micros | null;
  start_us: Micros | null;
  end_us: Micros | null;
  updated_us: Micros | null;
}

export interface TaskRow extends TaskStateRow {
  try_number: number;
  max_tries: number;
  /** When a retry or the next poke is due; null where the database does not say. */
  next_try_us: Micros | null;
  /** When its trigger gives up, or a person's answer comes too late. */
  trigger_timeout_us: Micros | null;
  /** It gave its slot back at least once, so its stamps are not those of its first start. */
  rescheduled: boolean;
  operator: string | null;
  pool: string | null;
  pool_slots: number;
  /** Of what may be handed to the executor, the highest goes first. */
  priority_weight: number;
  queue: string | null;
  /** The executor that the task names itself; null for the default one. */
  executor: string | null;
  hostname: string | null;
  /** Structure of the DAG that it was made from; null where only the run knows. */
  version: string | null;
}

export interface AttemptRow {
  task_id: string;
  map_index: number;
  try_number: number;
  state: TaskInstanceState;
  scheduled_us: Micros | null;
  queued_us: Micros | null;
  start_us: Micros | null;
  end_us: Micros | null;
  hostname: string | null;
}

/** The first poke of a sensor that gave its slot back. */
export interface PokeRow {
  task_id: string;
  map_index: number;
  first_us: Micros;
}

/** A task instance of the DAG's previous run. */
export interface PreviousTaskRow {
  run_id: string;
  task_id: string;
  map_index: number;
  state: TaskInstanceState;
  end_us: Micros | null;
}

export interface SchedulerRow {
  job_id: number;
  hostname: string | null;
  lane: string | null;
  state: string;
  start_us: Micros;
  heartbeat_us: Micros;
  end_us: Micros | null;
  /** The scheduler's clock minus the database's at that heartbeat; null where it must be inferred. */
  skew_us: number | null;
}

/** A triggerer or a DAG processor of Airflow. */
export interface ComponentRow extends SchedulerRow {
  component: 'triggerer' | 'dag_processor';
}

/** What a source says about who started a run. */
export interface OriginRow {
  /** dag_run.id of the run. */
  run: number;
  /** As Dialect.triggeredByColumn. */
  triggered_by: string | null;
  conf: unknown;
}

/** A run whose asset events started `run`. */
export interface AssetParentRow {
  run: number;
  dag_id: string;
  run_id: string;
}

/** The first rows, and how many there are in all. */
export interface Listed<Row> {
  rows: Row[];
  total: number;
}

export interface ImportErrorRow {
  file: string;
  since_us: Micros | null;
  /** The last line of the stack trace. */
  error: string | null;
}

export interface UnparsedRow {
  dag_id: string;
  parsed_us: Micros | null;
}

export interface DagRow {
  dag_id: string;
  /** Several are joined by ", "; null where none is named. */
  owner: string | null;
  /** Sorted. */
  tags: readonly string[];
  is_paused: boolean;
  max_active_tasks: number;
  max_active_runs: number;
  /** When its next scheduled run is due; null when none is planned. */
  next_run_us: Micros | null;
  /** Lane of the bundled scheduler; null for Airflow. */
  lane: string | null;
}

/** A DAG whose next scheduled run is due, and could be made if it has room for it. */
export interface DueRow {
  dag_id: string;
  next_us: Micros;
}

/** An unfinished backfill of Airflow 3. */
export interface BackfillRow {
  id: number;
  is_paused: boolean;
  max_active_runs: number;
}

export interface PoolRow {
  pool: string;
  /** −1 = unlimited. */
  slots: number;
  /** Deferred task instances keep their slots. */
  include_deferred: boolean;
  /** The team that it belongs to; null if it belongs to all. */
  team: string | null;
}

/** A consistent view of the database: what it is, its clock and which transactions it has seen. */
export interface Snapshot {
  now_us: Micros;
  /** Oldest transaction still running, and the first one not yet assigned (64 bit, pg_current_snapshot). */
  xmin: number;
  xmax: number;
  database_oid: number;
}

export function taskKey(task: { task_id: string; map_index: number }): string {
  return `${task.task_id}\u0000${task.map_index}`;
}
