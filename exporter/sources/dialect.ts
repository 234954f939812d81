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
  schedulersQuery: string;
  dagsQuery: string;
  poolsQuery: string;
  /** Rows {dag_id, version, data, data_compressed} of structures: $1 dag_ids, $2 versions (text[]), pairwise. */
  structuresQuery: string;
  parseStructure: (row: Record<string, unknown>) => { ref: StructureRef; structure: DagStructure };
  /** conf of one run ($1 id) as JSON text or pickle. */
  confColumn: string;
  parseConf: (raw: unknown) => { conf: unknown; note: string | null };
  /** Rows of AttemptLog for one run ($1 id); null where logs are not in the database. */
  logQuery: string | null;
}

export type LogRow = AttemptLog;

/** Exact microseconds since 1970 of a timestamptz column. */
export function us(column: string): string {
  return `(extract(epoch from ${column}) * 1000000)::bigint`;
}
