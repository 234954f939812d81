import type { WaitingReason } from '../../../shared/api.ts';
import type { SourceKind } from '../../sources/dialect.ts';
import type { BackfillRow, DagRow, PoolRow, RunRow, TaskRow } from '../../sources/rows.ts';
import type { DagStructure } from '../../sources/structure.ts';
import type { TasksById } from '../transitions.ts';

/** A queued or running run with its task instances. */
export interface ActiveRun {
  run: RunRow;
  /** All task instances of the run; `tasks` has the same by task_id. */
  all: readonly TaskRow[];
  tasks: TasksById;
  structure: DagStructure | null;
}

/** A limit on how much may be in use at once. */
export interface Limit {
  reason: WaitingReason;
  /** Key of the limit, also in `usage`. */
  key: string;
  capacity: number;
  /** How much of it the waiting task or run needs. */
  need: number;
}

/** Maximum number of task instances that are active at once. */
export interface Parallelism {
  tasks: number;
  /** The maximum for each executor that tasks name, and for those of teams (limits.ts). All other tasks use the default executor. */
  byExecutor: ReadonlyMap<string, number>;
  /** Whether this is inferred from observations instead of configured. */
  assumed: boolean;
}

/** The limits of a source, as far as they can be read. */
export interface SourceLimits {
  kind: SourceKind;
  /** Only DAGs that exist: a missing DAG is no longer in any file. */
  dags: ReadonlyMap<string, DagRow>;
  pools: ReadonlyMap<string, PoolRow>;
  /** Whether deferred instances and those that await input count towards the limits of their task, as since Airflow 3.2. */
  parkedCountForTask: boolean;
  /** Whether the scheduler only looks at the first max_active_tasks scheduled tasks of a run, as since Airflow 3.2. */
  windowPerRun: boolean;
  /** Whether the scheduler examines running runs of backfills after all others, in their own order, as Airflow 3.0 to 3.3 do. */
  backfillsExaminedLast: boolean;
  /** Unfinished backfills of Airflow 3; null where they can't be read. */
  backfills: ReadonlyMap<number, BackfillRow> | null;
  /** Callbacks of deadlines that use a slot of an executor, as since Airflow 3.2. */
  executorCallbacks: number;
  /** Null for no limit. */
  parallelism: Parallelism | null;
}
