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
  /** Names the structure of the DAG that the run was last checked against (StructureRef.version). */
  version: string | null;
}

/** What a run's conf and run_id say about business keys. */
export interface RunKeys {
  keys: Record<string, string[]>;
  /** Why its conf could not be read, e.g. `too_large`; null when it could. */
  refused: string | null;
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
  /** It gave its slot back at least once, so its stamps are not those of its first start. */
  rescheduled: boolean;
  operator: string | null;
  pool: string | null;
  pool_slots: number;
  queue: string | null;
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

export interface DagRow {
  dag_id: string;
  is_paused: boolean;
  max_active_tasks: number;
  max_active_runs: number;
  /** When its next scheduled run is due; null when none is planned. */
  next_run_us: Micros | null;
}

export interface PoolRow {
  pool: string;
  /** −1 = unlimited. */
  slots: number;
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
