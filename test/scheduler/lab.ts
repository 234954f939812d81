import { spawn, type ChildProcess } from 'node:child_process';
import { once as event } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type pg from 'pg';
import { createLogger } from '../../platform/log.ts';
import { loadSchedulerConfig, type SchedulerConfig } from '../../scheduler/config.ts';
import { triggerDag } from '../../scheduler/control.ts';
import { startScheduler, startWorker, type Service } from '../../scheduler/main.ts';
import { connectClient, createPool } from '../../scheduler/store/database.ts';
import { showRun, type RunDetail } from '../../scheduler/store/inspect.ts';
import { listenToLane } from '../../scheduler/store/lanes.ts';
import { migrateScheduler } from '../../scheduler/store/migrate.ts';
import { createTestDatabase } from '../postgres/database.ts';

const RUNBEAT = path.resolve('bin/runbeat.mjs');

/** A database, a DAGs folder, and services that end with the test file. */
export interface Lab {
  pool: pg.Pool;
  config: SchedulerConfig;
  folder: string;
  /** Writes a DAG file. */
  write(name: string, text: string): string;
  scheduler(lane?: string): Promise<Service>;
  worker(options?: { concurrency?: number; queues?: string[] }): Promise<Service>;
  /** `runbeat ARGS` as a process of its own, which a test may kill. */
  child(args: string[], env?: NodeJS.ProcessEnv, stderr?: 'inherit' | 'pipe'): ChildProcess;
  trigger(dagId: string, conf?: Record<string, unknown>): Promise<string>;
  /** Resolves with the run once it is in one of the states. */
  finished(dagId: string, runId: string): Promise<RunDetail>;
  /** Resolves once the query returns a row. It is repeated at every notification to the scheduler. */
  eventually(sql: string, values?: unknown[]): Promise<Record<string, unknown>>;
  /** Safe to call twice. */
  close(): Promise<void>;
}

export interface LabOptions {
  env?: Record<string, string>;
  /** Use this database instead of one of the test server's. */
  databaseUrl?: string;
  /** Settings that every session of the database begins with. */
  databaseDefaults?: readonly string[];
}

export async function openLab(options: LabOptions = {}): Promise<Lab> {
  const database = options.databaseUrl ? null : await createTestDatabase({ defaults: options.databaseDefaults });
  const databaseUrl = options.databaseUrl ?? database!.url;
  const folder = mkdtempSync(path.join(tmpdir(), 'runbeat-dags-'));
  const env = {
    RUNBEAT_DATABASE_URL: databaseUrl,
    RUNBEAT_DAGS: folder,
    RUNBEAT_LOG_LEVEL: process.env.RUNBEAT_TEST_LOG ?? 'silent',
    RUNBEAT_HEARTBEAT_INTERVAL: '0.2',
    RUNBEAT_HEARTBEAT_THRESHOLD: '1',
    RUNBEAT_SHUTDOWN_GRACE: '10',
    ...options.env,
  };
  const config = loadSchedulerConfig(env);
  const logger = createLogger('test', config.logLevel);
  await migrateScheduler(databaseUrl);
  const pool = createPool(databaseUrl, 'test', 4);
  const services: Service[] = [];
  const children: ChildProcess[] = [];

  const keep = async (starting: Promise<Service>): Promise<Service> => {
    const service = await starting;
    services.push(service);
    return service;
  };
  const eventually: Lab['eventually'] = (sql, values) => whenever(config.databaseUrl, pool, sql, values);
  return {
    pool,
    config,
    folder,
    eventually,
    write: (name, text) => {
      const file = path.join(folder, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
      return file;
    },
    scheduler: (lane = 'default') => keep(startScheduler(config, logger, { lane })),
    worker: (workerOptions = {}) => keep(startWorker(config, logger, { concurrency: 8, ...workerOptions })),
    child: (args, childEnv = {}, stderr = 'inherit') => {
      const child = spawn(process.execPath, [RUNBEAT, ...args], {
        env: { ...process.env, ...env, ...childEnv },
        stdio: ['ignore', 'ignore', stderr],
      });
      children.push(child);
      return child;
    },
    trigger: async (dagId, conf = {}) => {
      await eventually('select 1 from runbeat.dag where dag_id = $1 and current_version_id is not null', [dagId]);
      const request = { dagId, conf, runId: null, logicalDate: null, triggeredBy: 'test' };
      return (await triggerDag(pool, request)).run_id;
    },
    finished: async (dagId, runId) => {
      await eventually('select 1 from runbeat.dag_run where dag_id = $1 and run_id = $2 and end_date is not null', [
        dagId,
        runId,
      ]);
      return (await showRun(pool, dagId, runId))!;
    },
    close: once(async () => {
      for (const child of children) await killed(child);
      await Promise.all(services.map((service) => service.stop()));
      await pool.end();
      rmSync(folder, { recursive: true, force: true });
      await database?.drop();
    }),
  };
}

export async function killed(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = event(child, 'exit');
  child.kill(signal);
  await exit;
}

export function stateOf(run: RunDetail, taskId: string): string | null {
  return run.tasks.find((task) => task.task_id === taskId)!.state;
}

/** Queries again at every notification of a lane, and regularly for changes that send none, until the test's timeout. */
async function whenever(
  databaseUrl: string,
  pool: pg.Pool,
  sql: string,
  values: unknown[] = [],
): Promise<Record<string, unknown>> {
  const listener = await connectClient(databaseUrl, 'test listener').catch(() => null);
  let wake: () => void = () => undefined;
  listener?.on('notification', () => wake()).on('error', () => undefined);
  try {
    if (listener) await listenToLane(listener, 'default');
    for (;;) {
      const { rows } = await pool.query<Record<string, unknown>>(sql, values).catch(() => ({ rows: [] }));
      if (rows[0]) return rows[0];
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, 50).unref();
      });
    }
  } finally {
    await listener?.end().catch(() => undefined);
  }
}

function once(action: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => (running ??= action());
}
