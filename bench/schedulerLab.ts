import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { createLogger } from '../platform/log.ts';
import { startEmbedded } from '../platform/postgres/embedded.ts';
import { loadSchedulerConfig, type SchedulerConfig } from '../scheduler/config.ts';
import { createPool } from '../scheduler/store/database.ts';
import { migrateScheduler } from '../scheduler/store/migrate.ts';

const SERVICE = fileURLToPath(new URL('./service.ts', import.meta.url));
const TYPESCRIPT = new URL('../bin/typescript.mjs', import.meta.url).href;

/** A durable PostgreSQL with the scheduler's tables, DAG files, and services as separate processes. */
export interface SchedulerLab {
  pool: pg.Pool;
  config: SchedulerConfig;
  /** Process of the database server. */
  serverPid: number;
  /** Starts `runbeat ARGS` and resolves when it has registered itself. */
  start(jobType: 'SchedulerJob' | 'WorkerJob', args: string[]): Promise<ChildProcess>;
  /** Stops everything and removes the data. */
  stop(): Promise<void>;
}

/** `dagFiles` maps file names to their contents, which may import `runbeat` (the authoring module). */
export async function openLab(dagFiles: Record<string, string>): Promise<SchedulerLab> {
  const folder = mkdtempSync(path.join(tmpdir(), 'runbeat-bench-'));
  chmodSync(folder, 0o755);
  const dags = path.join(folder, 'dags');
  mkdirSync(dags);
  for (const [name, text] of Object.entries(dagFiles)) writeFileSync(path.join(dags, name), text);
  const postgres = await startEmbedded({ dataDir: path.join(folder, 'data') });
  const env = { RUNBEAT_DATABASE_URL: postgres.url, RUNBEAT_DAGS: dags, RUNBEAT_LOG_LEVEL: 'warn' };
  await migrateScheduler(postgres.url);
  const pool = createPool(postgres.url, 'runbeat bench', 4);
  const children: ChildProcess[] = [];
  return {
    pool,
    config: loadSchedulerConfig(env),
    serverPid: postgres.pid,
    start: async (jobType, args) => {
      const before = await countJobs(pool, jobType);
      const child = spawn(process.execPath, ['--import', TYPESCRIPT, SERVICE, ...args], {
        env: { ...process.env, ...env },
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      children.push(child);
      await until(async () => {
        if (child.exitCode !== null) throw new Error(`runbeat ${args.join(' ')} ended with status ${child.exitCode}`);
        return (await countJobs(pool, jobType)) > before;
      });
      return child;
    },
    stop: async () => {
      await Promise.all(children.map(end));
      await pool.end();
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const benchLogger = createLogger('bench', 'warn');

/** Resolves when `condition` holds, which is checked every 20 ms. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

async function countJobs(pool: pg.Pool, jobType: string): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    'select count(*)::int as count from runbeat.job where job_type = $1',
    [jobType],
  );
  return rows[0]!.count;
}

/** Waits until each of the DAGs is known. */
export async function untilKnown(pool: pg.Pool, dagIds: string[]): Promise<void> {
  await until(async () => {
    const { rowCount } = await pool.query('select from runbeat.dag where dag_id = any($1) and current_version_id > 0', [
      dagIds,
    ]);
    return rowCount === dagIds.length;
  });
}

/** Waits until the DAG has `count` finished runs. */
export async function untilFinished(pool: pg.Pool, dagId: string, count: number): Promise<void> {
  await until(async () => {
    const { rows } = await pool.query<{ count: number }>(
      'select count(*)::int as count from runbeat.dag_run where dag_id = $1 and end_date is not null',
      [dagId],
    );
    return rows[0]!.count >= count;
  });
}

export const round = (value: number): number => Number(value.toPrecision(4));

/**
 * Milliseconds from the committed end to the committed start for every task with upstreams. The statements that commit them take both
 * timestamps from the database's clock.
 */
export async function transitionsOf(pool: pg.Pool, dagId: string, since = new Date(0)): Promise<number[]> {
  const { rows } = await pool.query<{ ms: number }>(
    `with edge as (
       select v.id as dag_version_id, t.task_id, up.task_id as upstream
         from runbeat.dag_version v
        cross join lateral jsonb_to_recordset(v.data->'tasks') as t(task_id text, upstream_task_ids jsonb)
        cross join lateral jsonb_array_elements_text(t.upstream_task_ids) as up(task_id)
        where v.dag_id = $1)
     select extract(epoch from ti.start_date - max(before.end_date))::float8 * 1000 as ms
       from runbeat.dag_run r
       join runbeat.task_instance ti on ti.dag_run_id = r.id
       join edge on edge.dag_version_id = r.dag_version_id and edge.task_id = ti.task_id
       join runbeat.task_instance before on before.dag_run_id = r.id and before.task_id = edge.upstream
      where r.dag_id = $1 and r.queued_at >= $2 and ti.start_date is not null
      group by ti.id, ti.start_date`,
    [dagId, since],
  );
  return rows.map(({ ms }) => ms);
}
