import type pg from 'pg';
import { airflow2Dialect } from './airflow2.ts';
import { airflow3Dialect } from './airflow3.ts';
import { AIRFLOW2, AIRFLOW2_HISTORY, AIRFLOW3, AIRFLOW34, missingOf, type Columns } from './columns.ts';
import type { Dialect } from './dialect.ts';
import { isReadable } from './optionalTables.ts';
import { ARE_RESCHEDULES_INDEXED } from './reschedules.ts';
import { runbeatDialect } from './runbeat.ts';

/** The database answers, but its schema is not supported. The message says what it contains. */
export class UnknownSourceError extends Error {}

/** Airflow's first release with each schema head (airflow.utils.db._REVISION_HEADS_MAP). */
const HEADS: Readonly<Record<string, string>> = {
  '405de8318b3a': '2.7',
  '10b52ebd31f7': '2.8',
  '88344c1d9134': '2.8',
  '1949afb29106': '2.9',
  '686269002441': '2.9',
  '22ed7efa9da2': '2.10',
  '5f2621c13b39': '2.10 or 2.11',
  '29ce7909c52b': '3.0',
  fe199e1abd77: '3.0',
  cc92b33c6709: '3.1',
  '509b94a1042d': '3.1',
  '1d6611b6ab7c': '3.2',
  d2f4e1b3c5a7: '3.3',
  '9cffe90fa0c0': '3.4',
};

const FEATURES = `select to_regclass('runbeat.dag_run') is not null as runbeat,
  to_regclass('dag_run') is not null as dag_run, to_regclass('alembic_version') is not null as alembic,
  ${isReadable('backfill')} as backfills,
  ${isReadable('backfill_dag_run')} as "backfillRuns",
  ${isReadable('callback')} as callbacks,
  ${isReadable('dag_bundle_team')} as "bundleTeams",
  ${isReadable('dag_tag')} as tags,
  ${isReadable('import_error')} as "importErrors",
  ${isReadable('dynamic_region')} as regions,
  ${isReadable('trigger')} as triggers,
  ${isReadable('deadline_alert')} as "deadlineAlerts",
  ${isReadable('asset_event')} and ${isReadable('dagrun_asset_event')} as "assetEvents",
  ${isReadable('dataset_event')} and ${isReadable('dagrun_dataset_event')} as "datasetEvents",
  ${ARE_RESCHEDULES_INDEXED} as "reschedulesIndexed",
  coalesce((select array_agg(c.relname || '.' || a.attname) from pg_attribute a join pg_class c on c.oid = a.attrelid
    where c.oid = any(array(select to_regclass(name) from unnest($1::text[]) name)::oid[])
      and a.attnum > 0 and not a.attisdropped), '{}')::text[] as columns,
  (select array_agg(n.nspname || '.' || c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema') limit 5) as tables,
  (select min(n.nspname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and c.relname = 'dag_run'
      and exists (select from pg_class a where a.relnamespace = n.oid and a.relname = 'alembic_version'))::text as "otherSchema",
  current_user::text as role, current_database()::text as database, current_setting('server_version') as server`;

interface Features {
  runbeat: boolean;
  dag_run: boolean;
  alembic: boolean;
  backfills: boolean;
  backfillRuns: boolean;
  callbacks: boolean;
  bundleTeams: boolean;
  tags: boolean;
  importErrors: boolean;
  triggers: boolean;
  regions: boolean;
  deadlineAlerts: boolean;
  assetEvents: boolean;
  datasetEvents: boolean;
  reschedulesIndexed: boolean;
  columns: string[];
  tables: string[] | null;
  /** A schema with the tables of an Airflow, whether or not this role may use and finds it. */
  otherSchema: string | null;
  role: string;
  database: string;
  /** Such as `15.18 (Debian 15.18-0+deb12u1)`. */
  server: string;
}

const TABLES = Object.keys({ ...AIRFLOW2, ...AIRFLOW2_HISTORY, ...AIRFLOW3, ...AIRFLOW34 });

/**
 * Determines the kind of a database by its tables and columns instead of its version, because there will be unknown versions. If a
 * column that the dialect reads is missing, this throws an error with its name, so that not every poll fails.
 */
export async function probe(client: pg.Pool | pg.PoolClient): Promise<Dialect> {
  const { rows } = await client.query<Features>(FEATURES, [TABLES]);
  const found = rows[0]!;
  refuseOldServer(found.server);
  if (found.runbeat) return runbeatDialect();
  const present = new Set(found.columns);
  const version = found.alembic ? await versionOf(client) : 'Airflow (no alembic_version)';
  const missing = found.dag_run ? missingOf(columnsOf(present), present) : [];
  if (!found.dag_run || missing.length > 0) throw new UnknownSourceError(describe(found, version, missing));
  const granted = { tags: found.tags, importErrors: found.importErrors, triggers: found.triggers };
  if (!present.has('dag_run.logical_date')) {
    return airflow2Dialect(version, {
      ...granted,
      assetEvents: found.datasetEvents,
      clearNumber: present.has('dag_run.clear_number'),
      history: present.has('task_instance_history.task_id'),
      executors: present.has('task_instance.executor'),
    });
  }
  return airflow3Dialect(version, {
    ...granted,
    assetEvents: found.assetEvents,
    backfills: found.backfills,
    backfillRuns: found.backfillRuns,
    callbacks: found.callbacks,
    bundleTeams: found.bundleTeams && present.has('dag.bundle_name'),
    deadlineAlerts: found.deadlineAlerts,
    reschedulesIndexed: found.reschedulesIndexed,
    attemptsInPlace: present.has('task_instance.region_index'),
    retryOverride: present.has('task_instance.retry_delay_override'),
    runRules: present.has('dag.exceeds_max_non_backfill') && present.has('dag.allowed_run_types'),
    regions: found.regions && present.has('task_instance.region_id'),
    teams: present.has('slot_pool.team_name'),
    draining: present.has('dag.is_draining'),
    traces: ['dag_run', 'task_instance'].every((table) => present.has(`${table}.context_carrier`)),
  });
}

/** Every poll needs pg_current_snapshot(). */
const OLDEST_SERVER = 13;

export function refuseOldServer(version: string): void {
  if (Number.parseInt(version, 10) >= OLDEST_SERVER) return;
  throw new UnknownSourceError(
    `PostgreSQL ${version} is too old. Runbeat needs PostgreSQL ${OLDEST_SERVER} or newer, and is tested with 14 to 18.`,
  );
}

/** The columns of the dialect that is closest to this database. */
function columnsOf(present: ReadonlySet<string>): Columns {
  if (present.has('dag_run.logical_date')) return present.has('task_instance.region_index') ? AIRFLOW34 : AIRFLOW3;
  return present.has('task_instance_history.task_id') ? { ...AIRFLOW2, ...AIRFLOW2_HISTORY } : AIRFLOW2;
}

async function versionOf(client: pg.Pool | pg.PoolClient): Promise<string> {
  const { rows } = await client.query<{ version_num: string }>('select version_num from alembic_version limit 1');
  const head = rows[0]?.version_num ?? 'empty';
  return `Airflow ${HEADS[head] ?? '(a release that this Runbeat does not know; it has all required columns)'} (${head})`;
}

function describe(found: Features, version: string, missing: readonly string[]): string {
  const supported = 'Runbeat reads its own scheduler, Airflow 2.7 to 2.11 and Airflow 3.0 to 3.4';
  if (!found.dag_run && found.otherSchema !== null) {
    const { otherSchema: schema, role, database } = found;
    return (
      `Airflow's tables are in the schema "${schema}", which this role may not use or does not find. Run docs/sql/airflow-grants.sql ` +
      `in that schema, and: alter role "${role}" in database "${database}" set search_path = "${schema}"`
    );
  }
  if (!found.dag_run) {
    const tables = found.tables?.slice(0, 5).join(', ') ?? 'none';
    return `There is no dag_run table that this role can see (tables: ${tables}). ${supported}; is this the right database, and is its schema in the role's search_path?`;
  }
  return `This looks like ${version.replace(/; it has all required columns/, '')}, but it has no ${missing.join(', ')}. ${supported}.`;
}
