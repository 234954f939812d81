import type { WaitingReason } from '../../../shared/api.ts';
import type { SourceKind } from '../../sources/dialect.ts';
import type { BackfillRow, DagRow, PoolRow, RunRow, TaskRow } from '../../sources/rows.ts';
import type { DagStructure } from '../../sources/structure.ts';
import type { TasksById } from '../transitions.ts';

/** A queued or running run with its task instances. */
export interface ActiveRun {
  run: RunRow;
  /** The same task instances, one after another and by task_id. */
  all: readonly TaskRow[];
  tasks: TasksById;
  structure: DagStructure | null;
}

/** Something of which only so much may be in use at once. */
export interface Limit {
  reason: WaitingReason;
  /** Key of Usage; what holds it has the same key. */
  key: string;
  capacity: number;
  /** How much of it the waiting one needs. */
  need: number;
}

/** Task instances that are active at once, at most. */
export interface Parallelism {
  tasks: number;
  /** Of these, by the executor that tasks name themselves; those of others have the default one. */
  byExecutor: ReadonlyMap<string, number>;
  /** Learnt from what was seen, not set. */
  assumed: boolean;
}

/** What limits a source has, as far as it can be read. */
export interface SourceLimits {
  kind: SourceKind;
  /** Live DAGs only: one that is missing here is no longer in any file. */
  dags: ReadonlyMap<string, DagRow>;
  pools: ReadonlyMap<string, PoolRow>;
  /** Whether a task that is deferred or awaits input counts towards the limits of its task: since Airflow 3.2. */
  parkedCountForTask: boolean;
  /** Unfinished backfills of Airflow 3; null where they can't be read. */
  backfills: ReadonlyMap<number, BackfillRow> | null;
  /** Null for no limit. */
  parallelism: Parallelism | null;
}
