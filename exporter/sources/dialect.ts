import type { AttemptLog } from '../../shared/api.ts';
import type { DagStructure, StructureRef } from './structure.ts';
import type { RunKeys } from './rows.ts';
import type { KeyRules } from './keys.ts';

export type SourceKind = 'runbeat' | 'airflow2' | 'airflow3';

/** Column lists, joins and whole queries that differ between kinds of databases; used by reader.ts. */
export interface Dialect {
  kind: SourceKind;
  /** E.g. "Airflow 3.1 (cc92b33c6709)". */
  version: string;
  /** Columns of RunRow, without business keys, from `dag_run r`. */
  runColumns: string;
  /** Additional columns of `r` that keysOf needs. */
  keyColumns: (rules: KeyRules) => string;
  keysOf: (row: Record<string, unknown>, rules: KeyRules) => RunKeys;
  /** `dag_run`, with its schema. */
  runTable: string;
  /**
   * Columns from `task_instance t` joined with `wanted w(run, dag_id, run_id)`: the first ones of TaskStateRow, the others of PastTaskRow,
   * and those that only TaskRow has.
   */
  stateColumns: string;
  pastColumns: string;
  waitColumns: string;
  taskSource: string;
  /**
   * Earlier tries of one run ($1 id, $2 dag_id, $3 run_id); null if the database keeps none. Airflow's index on them begins with
   * (dag_id, task_id), so the query names the tasks, too.
   */
  attemptsQuery: string | null;
  /** What rows of task instances lack ($1 their ids); null if the columns above include it. See reschedulesOf. */
  reschedulesQuery: string | null;
  /** First poke of each rescheduling sensor of a run, parameters as above; null if the times of pokes are not stored. */
  pokesQuery: string | null;
  /**
   * Task instances of the DAG's previous run by logical date ($1 id, $2 dag_id, $3 whether to skip manual runs); null if no task can
   * depend on it.
   */
  previousQuery: string | null;
  /** The traceparent of a row of a run or task instance; SQL `null` if the database has no traces. */
  traceparentOf: (alias: string) => string;
  schedulersQuery: string;
  /** Triggerers and DAG processors; null if there are none. */
  componentsQuery: string | null;
  /** Rows of ImportErrorRow with `total`, oldest first, to be limited; null if the role may not read them. */
  importErrorsQuery: string | null;
  /** Number of deferred task instances without a triggerer whose heartbeat is younger than $1 seconds; null if that can't be read. */
  unservedQuery: string | null;
  /** Rows of UnparsedRow with `total`: DAGs that were last parsed more than $1 seconds ago, to be limited; null as above. */
  unparsedQuery: string | null;
  dagsQuery: string;
  /** Rows of LimitRow; null if the source has no limits of runs. */
  limitsQuery: string | null;
  /** Rows {dag_id, tag}, sorted; null if dagsQuery returns the tags. */
  tagsQuery: string | null;
  poolsQuery: string;
  /** Whether a task that is deferred or awaits input counts towards max_active_tis_per_dag and _per_dagrun. */
  parkedCountForTask: boolean;
  /** Whether the scheduler only looks at the first max_active_tasks scheduled tasks of a run. */
  windowPerRun: boolean;
  /** Whether the scheduler examines running runs of backfills after all others, in their own order, as Airflow 3.0 to 3.3 do. */
  backfillsExaminedLast: boolean;
  /** DAGs whose next scheduled run is due and that only limits can hold back. Read at each poll. */
  dueQuery: string;
  /** Unfinished backfills; null if there are none, or the role may not read them (see canReadBackfills). */
  backfillsQuery: string | null;
  /** False if the source may have backfills with their own limits that can't be read. */
  canReadBackfills: boolean;
  /** Number of callbacks that use a slot of an executor; null if there are none, or the role may not read them. */
  callbacksQuery: string | null;
  /** Rows {dag_id, version, data, data_compressed} of structures: $1 dag_ids, $2 versions (text[]), pairwise. */
  structuresQuery: string;
  /**
   * Rows {dag_id, version, dag_hash}, parameters as above. The structure of a version may change as long as no task instance has been
   * created from it, or none is left. Null if a version never changes.
   */
  hashesQuery: string | null;
  parseStructure: (row: Record<string, unknown>) => Promise<{ ref: StructureRef; structure: DagStructure }>;
  /** conf of one run ($1 id) as JSON text or pickle. */
  confColumn: string;
  parseConf: (raw: unknown) => { conf: unknown; note: string | null };
  /** What started a run, as `dag_id/run_id/task_id` if it was another run; SQL `null` if the source does not record it. */
  triggeredByColumn: string;
  /** Rows {run, dag_id, run_id}: the runs whose asset events started runs ($1 ids); null if there are none, or the role may not read them. */
  assetParentsQuery: string | null;
  /**
   * Rows of AttemptLog for one run ($1 id) after a task, map index and try ($2 to $4). At most $5 rows and about $6 characters, but
   * at least one row. $7 to $9 select a task, map index and try if they are not null. Null if logs are not in the database.
   */
  logQuery: string | null;
}

/** `found`: the number of matching tries, up to the limit. */
export type LogRow = AttemptLog & { found: number };

/** Selects logs. */
export interface LogWish {
  /** Task, map index and try after which they begin. */
  after: readonly [string, number, number];
  /** Filters by task, map index and try; without filters, all logs of the run. */
  of: { task_id?: string | undefined; map_index?: number | undefined; try_number?: number | undefined };
  limit: number;
  characters: number;
}

/**
 * Exact microseconds since 1970 of a timestamptz column. Null for infinity and for years that a number can't hold exactly:
 * such a timestamp is treated as missing, so that its row and all others can still be read.
 *
 * Up to 2040, a float's error is below half a microsecond, so rounding gives the exact value in a third of the time of exact
 * arithmetic.
 */
export function us(column: string): string {
  return `case when ${column} between '1900-01-01 UTC' and '2040-01-01 UTC' then round(date_part('epoch', ${column}) * 1000000)::bigint
    when ${column} between '2040-01-01 UTC' and '2250-01-01 UTC' then (extract(epoch from ${column}) * 1000000)::bigint end`;
}

/** The database's time when it evaluates this for a row, in microseconds since 1970. */
export const NOW_US = '(extract(epoch from clock_timestamp()) * 1000000)::bigint';
