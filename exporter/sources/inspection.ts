import type pg from 'pg';
import { NOW_US } from './dialect.ts';
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
  /** Optional tables that exist but that the role may not read. */
  ungranted: (keyof typeof OPTIONAL_TABLES)[];
}

/** Tables that every supported source has. */
const TABLES = ['dag_run', 'task_instance', 'dag', 'runbeat.dag_run', 'runbeat.task_instance', 'runbeat.dag'];

/** For each optional table, what Runbeat does not know if the role may not read it. A role for an older Runbeat may lack some. */
export const OPTIONAL_TABLES = {
  backfill: 'the limits of backfills',
  dag_tag: 'the tags of DAGs',
  import_error: 'import errors',
  trigger: 'whether a triggerer serves deferred tasks',
  deadline_alert: 'the limits that Airflow’s deadlines define',
  dynamic_region: 'which iteration of a loop a mapped task belongs to',
  asset_event: 'which run’s asset events started another',
  dagrun_asset_event: 'which run’s asset events started another',
  dataset_event: 'which run’s dataset events started another',
  dagrun_dataset_event: 'which run’s dataset events started another',
} as const;

const INSPECTION = `select current_setting('server_version') as server, current_user as role, pg_backend_pid() as backend,
  ${NOW_US} as now_us,
  coalesce((select array_agg(name order by name) from unnest($1::text[]) as name
    where has_table_privilege(to_regclass(name), 'insert, update, delete')), '{}') as writable,
  coalesce((select array_agg(name order by name) from unnest($2::text[]) as name
    where to_regclass(name) is not null and not has_any_column_privilege(to_regclass(name), 'select')), '{}') as ungranted`;

export async function inspect(client: pg.ClientBase): Promise<Inspection> {
  const { rows } = await client.query<Inspection>(INSPECTION, [TABLES, Object.keys(OPTIONAL_TABLES)]);
  return rows[0]!;
}
