import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import pg from 'pg';
import { startEmbedded, type EmbeddedPostgres } from '../platform/postgres/embedded.ts';
import { tell } from './figure.ts';

/** Tables and indexes of a real Airflow 3.3, as its migrations create them. */
const SCHEMA = path.resolve(import.meta.dirname, '../test/airflow/fixtures/schema-3.3.0.sql.gz');
/** Role of the exporter, which can only read, as documented. */
const READER = 'runbeat_reader';
export const DAGS = 20;
export const TASKS_PER_RUN = 40;

/** The database of an Airflow of any size on one server, and a database for the index on another one. */
export interface AirflowLab {
  source: EmbeddedPostgres;
  index: EmbeddedPostgres;
  /** Connection of the simulated scheduler. */
  client: pg.Client;
  /** URL of the source with a separate role for the exporter, so that the server can distinguish its statements. */
  readerUrl: string;
  stop(): Promise<void>;
}

/**
 * Starts both servers. `load` fills the source. If RUNBEAT_BENCH_DATA is set, its data is kept in that folder and reused by the next lab
 * with the same name.
 */
export async function startAirflowLab(name: string, load: (client: pg.Client) => Promise<void>): Promise<AirflowLab> {
  const kept = process.env.RUNBEAT_BENCH_DATA;
  if (kept) mkdirSync(kept, { recursive: true });
  const scratch = mkdtempSync(path.join(kept ?? tmpdir(), 'runbeat-bench-'));
  chmodSync(scratch, 0o755);
  const dataDir = kept ? path.join(kept, name) : path.join(scratch, 'source');
  // The measured code only reads the source, so it need not be durable. The index is written, so it is durable.
  const settings = {
    shared_buffers: '512MB',
    maintenance_work_mem: '512MB',
    max_wal_size: '8GB',
    autovacuum: 'off',
    shared_preload_libraries: 'pg_stat_statements',
    'pg_stat_statements.track_planning': 'on',
  };
  const source = await startEmbedded({ dataDir, durable: false, settings });
  const index = await startEmbedded({ dataDir: path.join(scratch, 'index') });
  const client = new pg.Client({ connectionString: source.adminUrlOf('runbeat') });
  const stop = async (): Promise<void> => {
    await client.end();
    await Promise.all([source.stop(), index.stop()]);
    rmSync(scratch, { recursive: true, force: true });
  };
  try {
    await client.connect();
    await client.query('set search_path = public; set session_replication_role = replica');
    if (!(await isLoaded(client))) {
      await client.query(gunzipSync(readFileSync(SCHEMA)).toString('utf8'));
      await client.query('set search_path = public');
      await addDags(client);
      await load(client);
      await client.query('create table bench_loaded ()');
    }
    await addReader(client);
    return { source, index, client, readerUrl: readerUrlOf(source.url), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function readerUrlOf(url: string): string {
  const reader = new URL(url);
  [reader.username, reader.password] = [READER, READER];
  return reader.href;
}

async function addReader(client: pg.Client): Promise<void> {
  await client.query(`
    create extension if not exists pg_stat_statements;
    drop role if exists ${READER};
    create role ${READER} login password '${READER}';
    grant pg_read_all_data to ${READER}`);
}

/** Time that the source's server has spent on the exporter's statements so far. */
export async function readerCost(client: pg.Client): Promise<{ ms: number; polls: number }> {
  const { rows } = await client.query<{ ms: number; polls: number }>(
    `select coalesce(sum(s.total_plan_time + s.total_exec_time), 0)::float8 as ms,
       coalesce(sum(s.calls) filter (where s.query ilike 'begin%repeatable read%'), 0)::float8 as polls
     from pg_stat_statements s where s.userid = '${READER}'::regrole`,
  );
  return rows[0]!;
}

/** Flushes everything to disk after filling a database, so that this does not happen during the measurement. */
export async function writeOut(server: EmbeddedPostgres): Promise<void> {
  const client = new pg.Client({ connectionString: server.adminUrlOf('runbeat') });
  await client.connect();
  try {
    await client.query('checkpoint');
  } finally {
    await client.end();
  }
}

async function isLoaded(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ loaded: boolean; begun: boolean }>(
    `select to_regclass('bench_loaded') is not null as loaded, to_regclass('dag_run') is not null as begun`,
  );
  if (rows[0]!.begun && !rows[0]!.loaded) throw new Error('RUNBEAT_BENCH_DATA contains an unfinished lab; delete it.');
  return rows[0]!.loaded;
}

/** Adds DAGs that are chains of tasks, a pool, and a scheduler with heartbeats. */
async function addDags(client: pg.Client): Promise<void> {
  const operators = Array.from({ length: TASKS_PER_RUN }, (_, n) => ({
    __type: 'operator',
    __var: {
      task_id: `task_${n}`,
      task_type: 'PythonOperator',
      downstream_task_ids: n + 1 < TASKS_PER_RUN ? [`task_${n + 1}`] : [],
    },
  }));
  await client.query(
    `insert into dag (dag_id, is_paused, is_stale, bundle_name, timetable_type, max_active_tasks, max_active_runs,
       max_consecutive_failed_dag_runs, has_task_concurrency_limits, partition_mapper_info)
     select 'dag_' || n, false, false, 'dags', 'none', 1000, 1000, 0, false, '{}' from generate_series(0, $1 - 1) n`,
    [DAGS],
  );
  await client.query(
    `insert into dag_version (id, version_number, dag_id, created_at, last_updated)
     select md5('version' || n)::uuid, 1, 'dag_' || n, now(), now() from generate_series(0, $1 - 1) n`,
    [DAGS],
  );
  await client.query(
    `insert into serialized_dag (id, dag_id, data, created_at, last_updated, dag_hash, dag_version_id)
     select md5('serialized' || n)::uuid, 'dag_' || n, $2, now(), now(), md5('hash' || n), md5('version' || n)::uuid
     from generate_series(0, $1 - 1) n`,
    [DAGS, { __version: 3, dag: { tasks: operators } }],
  );
  await client.query(
    `insert into slot_pool (pool, slots, include_deferred) values ('default_pool', 100000, false) on conflict do nothing;
     insert into job (job_type, state, hostname, start_date, latest_heartbeat) values ('SchedulerJob', 'running', 'bench', now(), now())`,
  );
}

/** Loads rows without the table's indexes, and creates the indexes again afterwards. */
export async function bulk(client: pg.Client, table: string, load: () => Promise<unknown>): Promise<void> {
  const { rows } = await client.query<{ name: string; constraint: string | null; definition: string }>(
    `select c.relname as name, k.conname as constraint, case when k.oid is null then pg_get_indexdef(i.indexrelid)
         else format('alter table ${table} add constraint %I %s', k.conname, pg_get_constraintdef(k.oid)) end as definition
       from pg_index i join pg_class c on c.oid = i.indexrelid
       left join pg_constraint k on k.conindid = i.indexrelid and k.conrelid = i.indrelid
      where i.indrelid = '${table}'::regclass`,
  );
  for (const { name, constraint } of rows) {
    const drop = constraint ? `alter table ${table} drop constraint "${constraint}" cascade` : `drop index "${name}"`;
    await client.query(drop);
  }
  await load();
  tell(`${table}: ${rows.length} indexes`);
  for (const { definition } of rows) await client.query(definition);
  await client.query(`vacuum analyze ${table}`);
}

/** Number of rows per statement of the loaders below: few enough to show progress. */
const CHUNK = 500_000;

/** Finished runs with a conf that names one of `users`, the newest ten minutes ago. */
export async function addFinishedRuns(client: pg.Client, count: number, users: number): Promise<void> {
  await inChunks('dag_run', 1, count, CHUNK, (from, to) =>
    client.query(
      `insert into dag_run (dag_id, run_id, run_type, state, conf, logical_date, run_after, queued_at, start_date, end_date,
         clear_number, span_status, created_dag_version_id)
       select 'dag_' || n % $3, 'manual__' || at || '_' || n, 'manual', case when n % 50 = 0 then 'failed' else 'success' end,
         jsonb_build_object('user_id', n % $2, 'application', jsonb_build_object('id', 'app-' || n)),
         at + n * interval '1 us', at, at, at + interval '1 s', at + interval '100 s', 0, 'not_started', md5('version' || n % $3)::uuid
       from (select n, now() - interval '10 minutes' - ($1 - n) * interval '1 second' as at
         from generate_series($4::int, $5::int) n) numbered`,
      [count, users, DAGS, from, to],
    ),
  );
}

/** Forty finished task instances for every run so far. */
export async function addFinishedTasks(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ low: number; high: number }>(
    'select min(id) as low, max(id) as high from dag_run',
  );
  await inChunks('runs with task_instance', rows[0]!.low, rows[0]!.high, CHUNK / TASKS_PER_RUN, (from, to) =>
    client.query(
      `insert into task_instance (id, task_id, dag_id, run_id, map_index, start_date, end_date, duration, state, try_number, max_tries,
         hostname, pool, pool_slots, queue, operator, scheduled_dttm, queued_dttm, updated_at, dag_version_id, span_status)
       select gen_random_uuid(), 'task_' || t, r.dag_id, r.run_id, -1, r.start_date + t * interval '2 s', r.start_date + t * interval '2 s' + interval '1 s',
         1, 'success', 1, 0, 'worker', 'default_pool', 1, 'default', 'PythonOperator', r.start_date + t * interval '2 s' - interval '200 ms',
         r.start_date + t * interval '2 s' - interval '100 ms', r.end_date, r.created_dag_version_id, 'not_started'
       from dag_run r, generate_series(0, $1 - 1) t where r.id between $2 and $3`,
      [TASKS_PER_RUN, from, to],
    ),
  );
}

async function inChunks(
  what: string,
  first: number,
  last: number,
  size: number,
  add: (from: number, to: number) => Promise<unknown>,
): Promise<void> {
  for (let from = first; from <= last; from += size) {
    const to = Math.min(last, from + size - 1);
    await add(from, to);
    tell(`${what}: ${to - first + 1} of ${last - first + 1}`);
  }
}

/** Replaces the running runs by new ones, each somewhere in its chain of tasks. */
export async function addActiveRuns(client: pg.Client, count: number): Promise<void> {
  await client.query(
    `with gone as (delete from dag_run where state = 'running' returning dag_id, run_id)
     delete from task_instance t using gone where t.dag_id = gone.dag_id and t.run_id = gone.run_id`,
  );
  await client.query(
    `insert into dag_run (dag_id, run_id, run_type, state, conf, run_after, queued_at, start_date, clear_number, span_status, created_dag_version_id)
     select 'dag_' || n % $2, 'active__' || n, 'manual', 'running', '{"user_id": 1}', now(), now(), now(), 0, 'not_started', md5('version' || n % $2)::uuid
     from generate_series(1, $1) n`,
    [count, DAGS],
  );
  await client.query(
    `insert into task_instance (id, task_id, dag_id, run_id, map_index, start_date, end_date, state, try_number, max_tries, hostname, pool,
       pool_slots, queue, operator, scheduled_dttm, queued_dttm, updated_at, dag_version_id, span_status)
     select gen_random_uuid(), 'task_' || t, r.dag_id, r.run_id, -1, case when t <= r.id % 40 then now() end, case when t < r.id % 40 then now() end,
       case when t < r.id % 40 then 'success' when t = r.id % 40 then 'running' end, 1, 0, 'worker', 'default_pool', 1, 'default',
       'PythonOperator', now(), now(), now(), r.created_dag_version_id, 'not_started'
     from dag_run r, generate_series(0, $1 - 1) t where r.state = 'running'`,
    [TASKS_PER_RUN],
  );
}

/** Simulates a moment of the scheduler: fifty running tasks end, and the next ones start. */
export async function moveOn(client: pg.Client): Promise<void> {
  await client.query(
    `with ended as (update task_instance set state = 'success', end_date = now(), updated_at = now()
       where id in (select id from task_instance where state = 'running' limit 50) returning dag_id, run_id, task_id)
     update task_instance t set state = 'running', scheduled_dttm = now(), queued_dttm = now(), start_date = now(), updated_at = now()
     from ended e where t.dag_id = e.dag_id and t.run_id = e.run_id
       and t.task_id = 'task_' || (substr(e.task_id, 6)::int + 1) % $1 and t.map_index = -1`,
    [TASKS_PER_RUN],
  );
  await client.query(`update job set latest_heartbeat = now()`);
}
