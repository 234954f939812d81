import type { DagRunState, TaskInstanceState } from '../../shared/states.ts';

/**
 * Row types, the same for every kind of observed database. Moments are microseconds since 1970 (exact in a double until the year
 * 2255); null if the database has no timestamp.
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
  /** When a scheduled run was due; null if unknown. */
  due_us: Micros | null;
  queued_us: Micros | null;
  start_us: Micros | null;
  end_us: Micros | null;
  /** The scheduler ignores the run before this moment; null if there is no such moment. */
  after_us: Micros | null;
  /** When the scheduler last examined the run. */
  decided_us: Micros | null;
  /** The backfill of Airflow 3 that it belongs to. */
  backfill_id: number | null;
  /** Its place among the runs of that backfill, from 1; null if unknown. */
  backfill_ordinal: number | null;
  /** The structure of the DAG that the run was last checked against (StructureRef.version). */
  version: string | null;
}

/** The business keys in a run's conf and run_id. */
export interface RunKeys {
  keys: Record<string, string[]>;
  /** Why its conf could not be read, e.g. `too_large`; null if it could. */
  refused: string | null;
  /** Values by which the run can't be looked up, by key and reason. */
  leftOut: readonly { key: string; reason: 'too_many' | 'too_long' | 'unreadable'; count: number }[];
}

export type KeyedRunRow = RunRow & RunKeys;

/** The state of a task instance. */
/** The state of a task instance and how it came to it. */
interface TaskTimes {
  task_id: string;
  map_index: number;
  state: TaskInstanceState;
  scheduled_us: Micros | null;
  queued_us: Micros | null;
  start_us: Micros | null;
  end_us: Micros | null;
}

export interface TaskStateRow extends TaskTimes {
  /** dag_run.id of its run. */
  run: number;
  updated_us: Micros | null;
}

/** What has happened to a task instance, which is all that matters once its run is over. */
export interface PastTaskRow extends TaskTimes {
  try_number: number;
  max_tries: number;
  /** Whether it was rescheduled at least once, so that its timestamps are not those of its first start. */
  rescheduled: boolean;
  operator: string | null;
  pool: string | null;
  queue: string | null;
  hostname: string | null;
  /** The structure of the DAG that it was created from; null if only the run has that. */
  version: string | null;
}

/** Also what it may wait for. */
export interface TaskRow extends TaskStateRow, PastTaskRow {
  /** When a retry or the next poke is due; null if the database does not say. */
  next_try_us: Micros | null;
  /** When its trigger, or the wait for a person's input, times out. */
  trigger_timeout_us: Micros | null;
  pool_slots: number;
  /** Tasks with a higher weight are handed to the executor first. */
  priority_weight: number;
  /** The executor that the task names; null for the default one. */
  executor: string | null;
}

/** A row with the trace of its run or task instance. */
export type Traced<Row> = Row & {
  /** In the format of W3C Trace Context; null if there is none. */
  traceparent: string | null;
};

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

/** The first poke of a rescheduling sensor. */
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
  /** The scheduler's clock minus the database's at that heartbeat; null if it must be inferred. */
  skew_us: number | null;
  /** The database's time when it read the row. */
  read_us: Micros;
}

/** A triggerer or a DAG processor of Airflow. */
export interface ComponentRow extends SchedulerRow {
  component: 'triggerer' | 'dag_processor';
}

/** What a source says about what started a run. */
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

/** The first rows, and the total number. */
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
  /** Several are joined by ", "; null if there is none. */
  owner: string | null;
  /** Sorted. */
  tags: readonly string[];
  is_paused: boolean;
  max_active_tasks: number;
  max_active_runs: number;
  /** When its next scheduled run is due; null if none is planned. */
  next_run_us: Micros | null;
  /** Lane of the bundled scheduler; null for Airflow. */
  lane: string | null;
  /** The team of Airflow that its bundle belongs to; null if it belongs to none, or the role may not read that. */
  team: string | null;
}

/** A DAG whose next scheduled run is due, and could be created if the DAG has room for it. */
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
  /** Whether deferred task instances keep their slots. */
  include_deferred: boolean;
  /** The team that the pool belongs to; null if all may use it. */
  team: string | null;
}

/** A consistent view of the database: its identity, its clock, and the transactions that it includes. */
export interface Snapshot {
  now_us: Micros;
  /** Oldest transaction still running, and the first one not yet assigned (64 bit, pg_current_snapshot). */
  xmin: number;
  xmax: number;
  database_oid: number;
  /** What a standby has received and applied of its primary's changes; null on a primary. */
  replica: Replica | null;
}

/** How far a standby has come. Positions are bytes of the write-ahead log. */
export interface Replica {
  /** Null if the standby does not stream. */
  received: number | null;
  applied: number;
  /** When the newest change that it has applied was committed; null if it has applied none since its start. */
  applied_us: Micros | null;
  /** Whether a process receives changes now. */
  is_receiving: boolean;
}

export function taskKey(task: { task_id: string; map_index: number }): string {
  return `${task.task_id}\u0000${task.map_index}`;
}
