/** Every column of an Airflow that a dialect reads, by table. A database without one of them is refused, with the column's name. */
export type Columns = Readonly<Record<string, readonly string[]>>;

const EVERY_AIRFLOW: Columns = {
  dag_run: [
    ...['id', 'dag_id', 'run_id', 'run_type', 'state', 'queued_at', 'start_date', 'end_date', 'conf'],
    'last_scheduling_decision',
  ],
  task_instance: [
    ...['dag_id', 'task_id', 'run_id', 'state', 'try_number', 'max_tries', 'start_date', 'end_date', 'queued_dttm'],
    ...['updated_at', 'operator', 'pool', 'pool_slots', 'priority_weight', 'queue', 'hostname', 'trigger_timeout'],
    'trigger_id',
  ],
  dag: [
    ...['dag_id', 'is_paused', 'max_active_tasks', 'max_active_runs', 'next_dagrun_create_after', 'owners'],
    ...['has_import_errors', 'last_parsed_time'],
  ],
  slot_pool: ['pool', 'slots', 'include_deferred'],
  job: ['id', 'job_type', 'state', 'hostname', 'start_date', 'latest_heartbeat', 'end_date'],
  serialized_dag: ['dag_id', 'data', 'data_compressed', 'dag_hash'],
  task_reschedule: ['start_date', 'reschedule_date'],
};

export const AIRFLOW2: Columns = merged(EVERY_AIRFLOW, {
  dag_run: ['execution_date', 'data_interval_end', 'dag_hash'],
  task_instance: ['map_index'],
  dag: ['is_active'],
  task_reschedule: ['dag_id', 'task_id', 'run_id', 'map_index'],
});

const EVERY_AIRFLOW3 = merged(EVERY_AIRFLOW, {
  dag_run: ['logical_date', 'run_after', 'clear_number', 'backfill_id', 'created_dag_version_id'],
  task_instance: ['id', 'scheduled_dttm', 'dag_version_id', 'executor'],
  dag: ['is_stale'],
  serialized_dag: ['dag_version_id'],
  task_reschedule: ['id', 'ti_id'],
});

const ATTEMPT = ['dag_id', 'task_id', 'run_id', 'map_index', 'try_number', 'state', 'queued_dttm', 'start_date'];
const HISTORY = [...ATTEMPT, 'end_date', 'hostname'];

/** The table exists in 2.10 and later. */
export const AIRFLOW2_HISTORY: Columns = { task_instance_history: HISTORY };

/** 3.0 to 3.3. */
export const AIRFLOW3: Columns = merged(EVERY_AIRFLOW3, {
  task_instance: ['map_index'],
  task_instance_history: [...HISTORY, 'scheduled_dttm'],
});

/** 3.4: earlier tries are in task_instance itself. */
export const AIRFLOW34: Columns = merged(EVERY_AIRFLOW3, {
  task_instance: ['region_index', 'working_set'],
  dag: ['is_draining'],
});

/** The missing columns of a database as `table.column`; a missing table is listed as a whole. */
export function missingOf(wanted: Columns, present: ReadonlySet<string>): string[] {
  return Object.entries(wanted).flatMap(([table, columns]) => {
    const missing = columns.filter((column) => !present.has(`${table}.${column}`));
    return missing.length === columns.length ? [`table ${table}`] : missing.map((column) => `${table}.${column}`);
  });
}

function merged(first: Columns, second: Columns): Columns {
  const tables = new Set([...Object.keys(first), ...Object.keys(second)]);
  return Object.fromEntries([...tables].map((table) => [table, [...(first[table] ?? []), ...(second[table] ?? [])]]));
}
