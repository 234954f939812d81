/** A table that Runbeat reads if the source has it and the role may read it. A role for an older Runbeat may lack some. */
interface OptionalTable {
  /** The columns that are read, if the role is not granted the whole table because others may hold secrets. */
  columns?: readonly string[];
  /** What Runbeat does not know without it. */
  unknown: string;
}

const ALERT_COLUMNS = ['serialized_dag_id', 'interval', 'reference'];
const EVENT_COLUMNS = ['id', 'source_dag_id', 'source_run_id'];

export const OPTIONAL_TABLES = {
  backfill: { unknown: 'the limits of backfills' },
  backfill_dag_run: { unknown: 'in which order the runs of a backfill start' },
  callback: {
    columns: ['type', 'state'],
    unknown: 'how many slots of the executor are used by callbacks of deadlines',
  },
  dag_bundle_team: { columns: ['dag_bundle_name', 'team_name'], unknown: 'the teams of DAGs' },
  dag_tag: { unknown: 'the tags of DAGs' },
  import_error: { unknown: 'import errors' },
  trigger: { columns: ['id', 'triggerer_id'], unknown: 'whether a triggerer serves deferred tasks' },
  deadline_alert: { columns: ALERT_COLUMNS, unknown: 'the limits that Airflow’s deadlines define' },
  dynamic_region: { unknown: 'which iteration of a loop a mapped task belongs to' },
  asset_event: { columns: EVENT_COLUMNS, unknown: 'which run’s asset events started another' },
  dagrun_asset_event: { unknown: 'which run’s asset events started another' },
  dataset_event: { columns: EVENT_COLUMNS, unknown: 'which run’s dataset events started another' },
  dagrun_dataset_event: { unknown: 'which run’s dataset events started another' },
} satisfies Record<string, OptionalTable>;

export type OptionalTableName = keyof typeof OPTIONAL_TABLES;

/** An SQL expression: whether the table exists and the role may read what Runbeat reads of it. */
export function isReadable(name: OptionalTableName): string {
  const columns = columnsOf(name);
  if (columns === null) return `coalesce(has_table_privilege(to_regclass('${name}'), 'select'), false)`;
  return `(select count(*) = ${columns.length} ${existing(name, columns)} and ${MAY_READ})`;
}

/** An SQL expression: whether the table exists, but the role may not read all of what Runbeat reads of it. */
export function isUngranted(name: OptionalTableName): string {
  const columns = columnsOf(name);
  if (columns === null) return `coalesce(not has_table_privilege(to_regclass('${name}'), 'select'), false)`;
  return `exists(select ${existing(name, columns)} and not ${MAY_READ})`;
}

const MAY_READ = "has_column_privilege(a.attrelid, a.attnum, 'select')";

function columnsOf(name: OptionalTableName): readonly string[] | null {
  return (OPTIONAL_TABLES[name] as OptionalTable).columns ?? null;
}

/** Those of the columns that this version has. */
function existing(name: OptionalTableName, columns: readonly string[]): string {
  const names = columns.map((column) => `'${column}'`).join(', ');
  return `from pg_attribute a where a.attrelid = to_regclass('${name}') and a.attname in (${names}) and not a.attisdropped`;
}
