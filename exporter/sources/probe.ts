import type pg from 'pg';
import { airflow2Dialect } from './airflow2.ts';
import { airflow3Dialect } from './airflow3.ts';
import type { Dialect } from './dialect.ts';
import { runbeatDialect } from './runbeat.ts';

/** The database answers, but it is none that can be read; the message says what was found in it. */
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
};

const FEATURES = `select to_regclass('runbeat.dag_run') is not null as runbeat,
  to_regclass('dag_run') is not null as dag_run, to_regclass('alembic_version') is not null as alembic,
  coalesce((select array_agg(c.relname || '.' || a.attname) from pg_attribute a join pg_class c on c.oid = a.attrelid
    where c.oid = any(array_remove(array[to_regclass('dag_run'), to_regclass('task_instance'), to_regclass('dag'),
      to_regclass('serialized_dag'), to_regclass('task_instance_history')], null)::oid[])
      and a.attnum > 0 and not a.attisdropped), '{}')::text[] as columns,
  (select array_agg(n.nspname || '.' || c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema') limit 5) as tables`;

interface Features {
  runbeat: boolean;
  dag_run: boolean;
  alembic: boolean;
  columns: string[];
  tables: string[] | null;
}

const AIRFLOW3 = [
  'dag_run.logical_date',
  'dag_run.run_after',
  'dag_run.clear_number',
  'task_instance.scheduled_dttm',
  'task_instance.dag_version_id',
  'dag.is_stale',
  'serialized_dag.dag_version_id',
];
const AIRFLOW2 = [
  'dag_run.execution_date',
  'dag_run.updated_at',
  'dag_run.dag_hash',
  'task_instance.updated_at',
  'dag.is_active',
];

/** Finds out what kind of database this is by what it has, not by its version number: an unknown head will come. */
export async function probe(client: pg.Pool | pg.PoolClient): Promise<Dialect> {
  const { rows } = await client.query<Features>(FEATURES);
  const found = rows[0]!;
  if (found.runbeat) return runbeatDialect();
  const missing = (wanted: readonly string[]): string[] => wanted.filter((column) => !found.columns.includes(column));
  const version = found.alembic ? await versionOf(client) : 'Airflow (no alembic_version)';
  if (missing(AIRFLOW3).length === 0) return airflow3Dialect(version);
  if (missing(AIRFLOW2).length === 0) {
    return airflow2Dialect(version, {
      clearNumber: found.columns.includes('dag_run.clear_number'),
      history: found.columns.some((column) => column.startsWith('task_instance_history.')),
    });
  }
  throw new UnknownSourceError(describe(found, version, missing(AIRFLOW3), missing(AIRFLOW2)));
}

async function versionOf(client: pg.Pool | pg.PoolClient): Promise<string> {
  const { rows } = await client.query<{ version_num: string }>('select version_num from alembic_version limit 1');
  const head = rows[0]?.version_num ?? 'empty';
  return `Airflow ${HEADS[head] ?? '(unknown release)'} (${head})`;
}

function describe(found: Features, version: string, missing3: string[], missing2: string[]): string {
  const supported = 'Runbeat reads its own scheduler, Airflow 2.7 to 2.11 and Airflow 3.0 to 3.3';
  if (!found.dag_run) {
    const tables = found.tables?.slice(0, 5).join(', ') ?? 'none';
    return `There is no dag_run table that this role can see (tables: ${tables}). ${supported}; is this the right database, and is its schema in the role's search_path?`;
  }
  const lacks = missing3.length <= missing2.length ? missing3 : missing2;
  return `This looks like ${version}, but it has no ${lacks.join(', ')}. ${supported}.`;
}
