import type { AttemptLog } from '../../shared/api.ts';
import type { DagStructure, StructureRef } from './structure.ts';
import type { RunKeys } from './rows.ts';
import type { KeyRules } from './keys.ts';

export type SourceKind = 'runbeat' | 'airflow2' | 'airflow3';

/** Column lists, joins and whole queries in which one kind of database differs from another; read by reader.ts. */
export interface Dialect {
  kind: SourceKind;
  /** E.g. "Airflow 3.1 (cc92b33c6709)". */
  version: string;
  /** Run row without business keys, of `dag_run r`; columns are those of RunRow. */
  runColumns: string;
  /** Further columns of `r` that keysOf needs. */
  keyColumns: (rules: KeyRules) => string;
  keysOf: (row: Record<string, unknown>, rules: KeyRules) => RunKeys;
  /** `dag_run`, with its schema. */
  runTable: string;
  /** Of `task_instance t` joined to `wanted w(run, dag_id, run_id)`: the columns of TaskStateRow, and the others of TaskRow. */
  stateColumns: string;
  furtherColumns: string;
  taskSource: string;
  /**
   * Earlier attempts of one run ($1 id, $2 dag_id, $3 run_id); null where the database keeps none. Airflow's index on them
   * begins with (dag_id, task_id), so the tasks are named too.
   */
  attemptsQuery: string | null;
  /** First poke of each sensor of a run that gave its slot back, parameters as above; null where no stamps of pokes are kept. */
  pokesQuery: string | null;
  /**
   * Task instances of the DAG's previous run by logical date ($1 id, $2 dag_id, $3 whether runs that a person started are
   * passed over); null where none depends on it.
   */
  previousQuery: string | null;
  /** Rows of TraceRow of a run, parameters as above; null if the database has no traces. */
  tracesQuery: string | null;
  schedulersQuery: string;
  /** Triggerers and DAG processors; null where there are none. */
  componentsQuery: string | null;
  /** Rows of ImportErrorRow with `total`, oldest first, to be limited; null where the role may not read them. */
  importErrorsQuery: string | null;
  /** Deferred task instances that no triggerer with a heartbeat younger than $1 seconds serves; null where that can't be read. */
  unservedQuery: string | null;
  /** Rows of UnparsedRow with `total`: DAGs that were last parsed more than $1 seconds ago, to be limited; null as above. */
  unparsedQuery: string | null;
  dagsQuery: string;
  /** Rows of LimitRow; null if the source has no limits of runs. */
  limitsQuery: string | null;
  /** Rows {dag_id, tag}, sorted; null where dagsQuery tells them. */
  tagsQuery: string | null;
  poolsQuery: string;
  /** Whether a task that is deferred or awaits input counts towards max_active_tis_per_dag and _per_dagrun. */
  parkedCountForTask: boolean;
  /** DAGs whose next scheduled run is due and that nothing but limits keeps from it. Asked at each poll. */
  dueQuery: string;
  /** Unfinished backfills; null where there are none, or where the role may not read them (see canReadBackfills). */
  backfillsQuery: string | null;
  /** False where the source has backfills with limits of their own that can't be read. */
  canReadBackfills: boolean;
  /** Rows {dag_id, version, data, data_compressed} of structures: $1 dag_ids, $2 versions (text[]), pairwise. */
  structuresQuery: string;
  /**
   * Rows {dag_id, version, dag_hash}, parameters as above: a version's structure is changed in place while no task instance
   * was made from it, or none is left. Null where a version never changes.
   */
  hashesQuery: string | null;
  parseStructure: (row: Record<string, unknown>) => Promise<{ ref: StructureRef; structure: DagStructure }>;
  /** conf of one run ($1 id) as JSON text or pickle. */
  confColumn: string;
  parseConf: (raw: unknown) => { conf: unknown; note: string | null };
  /** Who started a run, as `dag_id/run_id/task_id` where that was another run; `null` where the source does not record it. */
  triggeredByColumn: string;
  /** Rows {run, dag_id, run_id}: the runs whose asset events started runs ($1 ids); null where the role may not read them, or where there are none. */
  assetParentsQuery: string | null;
  /**
   * Rows of AttemptLog for one run ($1 id) after a task, map index and try ($2 to $4): fewer than $5 of them and about $6
   * characters, but always one; of one task, map index and try only where $7 to $9 are not null. Null where logs are not in
   * the database.
   */
  logQuery: string | null;
}

/** `found`: how many attempts there are, up to the limit. */
export type LogRow = AttemptLog & { found: number };

/** Which logs are wanted. */
export interface LogWish {
  /** Task, map index and try that they come after. */
  after: readonly [string, number, number];
  /** What they are of; all of the run where it names nothing. */
  of: { task_id?: string | undefined; map_index?: number | undefined; try_number?: number | undefined };
  limit: number;
  characters: number;
}

/**
 * Exact microseconds since 1970 of a timestamptz column. Null for infinity and for years that a number can't hold exactly:
 * such a timestamp is treated as missing, so that its row and all others can still be read.
 *
 * Up to 2040, the error of a float is below half a microsecond, and rounding it away takes a third of the time that exact
 * arithmetic takes.
 */
export function us(column: string): string {
  return `case when ${column} between '1900-01-01 UTC' and '2040-01-01 UTC' then round(date_part('epoch', ${column}) * 1000000)::bigint
    when ${column} between '2040-01-01 UTC' and '2250-01-01 UTC' then (extract(epoch from ${column}) * 1000000)::bigint end`;
}
