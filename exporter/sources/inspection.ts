import type pg from 'pg';
import { NOW_US } from './dialect.ts';
import { isUngranted, OPTIONAL_TABLES, type OptionalTableName } from './optionalTables.ts';
import type { Micros } from './rows.ts';

/** What the server says about itself and about the role, for `runbeat doctor`. */
export interface Inspection {
  /** `server_version`, e.g. "15.18". */
  server: string;
  role: string;
  now_us: Micros;
  /** Process id of the server backend; behind a pooler, it differs from the one reported at login. */
  backend: number;
  /** Tables of the observed scheduler that this role may change. */
  writable: string[];
  /** Optional tables that exist, but that the role may not read, or only in part. */
  ungranted: OptionalTableName[];
}

/** Tables that every supported source has. */
const TABLES = ['dag_run', 'task_instance', 'dag', 'runbeat.dag_run', 'runbeat.task_instance', 'runbeat.dag'];

const OPTIONAL_NAMES = Object.keys(OPTIONAL_TABLES) as OptionalTableName[];

const INSPECTION = `select current_setting('server_version') as server, current_user as role, pg_backend_pid() as backend,
  ${NOW_US} as now_us,
  coalesce((select array_agg(name order by name) from unnest($1::text[]) as name
    where has_table_privilege(to_regclass(name), 'insert, update, delete')), '{}') as writable,
  array_remove(array[${OPTIONAL_NAMES.map((name) => `case when ${isUngranted(name)} then '${name}' end`).join(',\n    ')}], null) as ungranted`;

export async function inspect(client: pg.ClientBase): Promise<Inspection> {
  const { rows } = await client.query<Inspection>(INSPECTION, [TABLES]);
  return rows[0]!;
}
