import path from 'node:path';
import type pg from 'pg';
import { migrate } from '../../platform/postgres/migrate.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';

/** A source with the bundled scheduler's schema, as prepareRunbeat makes it, and an empty database for the index. */
export async function createRunbeatDatabases(): Promise<{ source: TestDatabase; index: TestDatabase }> {
  const [source, index] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  await prepareRunbeat(source.url, source.pool);
  return { source, index };
}

/** The bundled scheduler's schema with one DAG: first → second. */
export async function prepareRunbeat(databaseUrl: string, pool: pg.Pool): Promise<void> {
  await migrate({ databaseUrl, folder: path.resolve('scheduler/migrations'), schema: 'runbeat' });
  await pool.query(`insert into runbeat.dag_bundle (bundle_hash, code) values ('x', '')`);
  await addDag(pool, 'flow');
}

export async function addDag(pool: pg.Pool, dagId: string): Promise<void> {
  const task = { kind: 'function', trigger_rule: 'all_success', task_group: null };
  const tasks = [
    { ...task, task_id: 'first', upstream_task_ids: [] },
    { ...task, task_id: 'second', upstream_task_ids: ['first'] },
  ];
  await pool.query(`insert into runbeat.dag (dag_id, fileloc) values ($1, 'x')`, [dagId]);
  await pool.query(
    `insert into runbeat.dag_version (dag_id, version_number, dag_hash, bundle_hash, data) values ($1, 1, 'x', 'x', $2)`,
    [dagId, { dag_id: dagId, tasks }],
  );
}

export interface RowOptions {
  dag_id?: string;
  conf?: object;
  /** Seconds before now at which the run was queued. */
  ago?: number;
  state?: 'queued' | 'running' | 'success' | 'failed';
  /** Seconds from the end of `first` to the start of `second`. */
  transition?: number;
}

/**
 * Adds one run whose tasks take a second each, and returns its id. A running one is between its two tasks.
 *
 * It is one statement, so that an exporter that polls meanwhile sees no ended run without its tasks, and so that both tasks are
 * dated back from the same time.
 */
export async function addRun(pool: pg.Pool, run_id: string, options: RowOptions = {}): Promise<number> {
  const { dag_id = 'flow', conf = {}, ago = 100, state = 'success', transition = 0.5 } = options;
  const done = state === 'success' || state === 'failed';
  const { rows } = await pool.query<{ id: string }>(
    `with run as (
       insert into runbeat.dag_run (dag_id, run_id, run_type, state, conf, queued_at, start_date, end_date, dag_version_id)
       select $1, $2, 'manual', $3, $4, now() - $5 * interval '1 s',
         case when $3 <> 'queued' then now() - ($5 - 1) * interval '1 s' end,
         case when $6 then now() - ($5 - 4) * interval '1 s' end, id from runbeat.dag_version where dag_id = $1 returning id
     ), tasks as (
       insert into runbeat.task_instance (dag_run_id, dag_id, run_id, task_id, operator, state, try_number, start_date, end_date)
       select run.id, $1, $2, t.task_id, 'function', case when t.started is not null then 'success' end, 1,
         now() - t.started * interval '1 s', now() - (t.started - 1) * interval '1 s'
       from run, (values ('first', $7::float8), ('second', $8::float8)) as t(task_id, started) where $3 <> 'queued'
     )
     select id from run`,
    [dag_id, run_id, state, conf, ago, done, ago - 1, done ? ago - 2 - transition : null],
  );
  return Number(rows[0]!.id);
}

export async function addScheduler(
  pool: pg.Pool,
  hostname: string,
  heartbeatAgo = 0,
  startedAgo = 3600,
): Promise<void> {
  await pool.query(
    `insert into runbeat.job (job_type, state, hostname, start_date, latest_heartbeat, heartbeat_clock)
     values ('SchedulerJob', 'running', $1, now() - $3 * interval '1 s', now() - $2 * interval '1 s', now() - $2 * interval '1 s')`,
    [hostname, heartbeatAgo, startedAgo],
  );
}
