import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { stringify } from 'yaml';
import { startPrometheus } from '../../cli/demo/prometheus.ts';
import { DEFAULT_THRESHOLDS } from '../../observability/thresholds.ts';
import { arrive, createArrivals } from '../../dags/arrivals.ts';
import { withClient } from '../../platform/postgres/connect.ts';
import { freePort, startEmbedded } from '../../platform/postgres/embedded.ts';
import { migrateScheduler } from '../../scheduler/store/migrate.ts';
import type { LookupItem, Page } from '../../shared/api.ts';
import { API_PATHS } from '../../shared/api.ts';
import { loadFixture, type FixtureName } from '../airflow/lab/fixture.ts';
import { openPool } from '../postgres/pool.ts';

const RUNBEAT = fileURLToPath(new URL('../../bin/runbeat.mjs', import.meta.url));
const PATIENCE_MS = 90_000;
export const AIRFLOW_UI = 'https://airflow.example.com';
export const API_TOKEN = 'token-of-the-browser-tests';

/** The real product on one machine: PostgreSQL, scheduler, worker and exporter, each as a separate process. */
export interface Stack {
  exporterUrl: string;
  /** A real Prometheus with the shipped configuration; null where none is installed. */
  prometheusUrl: string | null;
  databaseUrl: string;
  /** Of the observed Airflow's database; null where our scheduler is observed. */
  airflowUrl: string | null;
  pool: pg.Pool;
  /** Sends users through the onboarding DAG, and returns their ids once their runs have succeeded. */
  letThrough(users: number): Promise<number[]>;
  lookup(values: readonly (string | number)[]): Promise<LookupItem[]>;
  /** Starts another process of a service. */
  start(service: Service): void;
  /** kill -9 of the oldest running process of a service. */
  kill(service: Service): Promise<void>;
  /** Starts a run as a person at the command line does. */
  trigger(dagId: string, runId: string, conf: object): void;
  stop(): Promise<void>;
}

export type Service = 'scheduler' | 'worker' | 'exporter';

interface StackOptions {
  /** Folder of DAGs; the demo's by default. */
  dags?: string;
  services?: readonly Service[];
  /** Seconds without a heartbeat after which a scheduler is dead. */
  heartbeatThreshold?: number;
  /** The exporter observes this snapshot of a real Airflow's database, as if taken now, instead of our scheduler. */
  airflow?: FixtureName;
  /** Whether a Prometheus scrapes the exporter. */
  scraped?: boolean;
  /** Names under which the exporter observes our scheduler's database, each as a source of its own. */
  sources?: readonly string[];
}

export async function startStack({
  dags,
  services = ['scheduler', 'worker', 'exporter'],
  heartbeatThreshold = 30,
  airflow,
  scraped = false,
  sources,
}: StackOptions = {}): Promise<Stack> {
  const folder = mkdtempSync(path.join(tmpdir(), 'runbeat-browser-'));
  // For root, the server runs as another user, who needs access to the folder.
  chmodSync(folder, 0o755);
  const postgres = await startEmbedded({ dataDir: path.join(folder, 'postgres'), durable: false });
  await migrateScheduler(postgres.url);
  const pool = openPool(postgres.url, 2);
  await createArrivals(pool);
  const airflowUrl = airflow && postgres.adminUrlOf('airflow');
  if (airflowUrl) {
    await withClient({ url: postgres.adminUrlOf('postgres'), name: 'administrator' }, (client) =>
      client.query('create database airflow'),
    );
    await loadFixture(airflowUrl, airflow, { takenAt: new Date() });
  }
  const port = await freePort();
  const exporterUrl = `http://127.0.0.1:${port}`;
  const env = {
    ...process.env,
    RUNBEAT_DATABASE_URL: postgres.url,
    RUNBEAT_LISTEN: `127.0.0.1:${port}`,
    RUNBEAT_API_TOKEN: API_TOKEN,
    RUNBEAT_KEYS: 'user_id=conf.user_id,application_id=conf.application.id',
    RUNBEAT_LOG_LEVEL: 'warn',
    RUNBEAT_HEARTBEAT_THRESHOLD: String(heartbeatThreshold),
    ...(dags && { RUNBEAT_DAGS: dags }),
    ...(sources && { RUNBEAT_CONFIG: configOf(folder, sources, postgres.url) }),
    ...(airflowUrl && { RUNBEAT_SOURCE_URL: airflowUrl, RUNBEAT_UI_URL: AIRFLOW_UI }),
  };
  const children: { service: Service; process: ChildProcess }[] = [];
  const start = (service: Service) => void children.push({ service, process: startService(service, env) });
  services.forEach(start);
  const lookup = (values: readonly (string | number)[]) => lookUp(exporterUrl, values);
  await poll(async () => (await fetch(`${exporterUrl}/readyz`)).ok, 'the exporter to be ready');
  const prometheus = scraped
    ? await startPrometheus({
        folder: path.join(folder, 'prometheus'),
        exporter: `127.0.0.1:${port}`,
        port: await freePort(),
        // No test waits minutes for what the rules keep.
        thresholds: { ...DEFAULT_THRESHOLDS, flow_interval: 5 },
      })
    : null;
  return {
    exporterUrl,
    prometheusUrl: prometheus?.url ?? null,
    databaseUrl: postgres.url,
    airflowUrl: airflowUrl ?? null,
    pool,
    lookup,
    async letThrough(users) {
      const ids = await arrive(pool, users);
      const finished = async () => (await lookup(ids)).filter((run) => run.state === 'success').length === users;
      await poll(finished, `${users} users to be through`);
      return ids;
    },
    start,
    async kill(service) {
      const oldest = children.find((child) => child.service === service && isRunning(child.process))!;
      const ended = once(oldest.process, 'exit');
      oldest.process.kill('SIGKILL');
      await ended;
    },
    trigger(dagId, runId, conf) {
      const args = ['dags', 'trigger', dagId, '--run-id', runId, '--conf', JSON.stringify(conf)];
      const done = spawnSync(process.execPath, [RUNBEAT, ...args], { env, encoding: 'utf8' });
      if (done.status !== 0) throw new Error(done.stderr);
    },
    async stop() {
      await prometheus?.stop();
      await Promise.all(children.map((child) => endService(child.process)));
      await pool.end();
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configOf(folder: string, names: readonly string[], url: string): string {
  const file = path.join(folder, 'runbeat.yaml');
  const keys = { user_id: 'conf.user_id' };
  writeFileSync(file, stringify({ sources: names.map((name) => ({ name, url, keys })) }));
  return file;
}

async function lookUp(exporterUrl: string, values: readonly (string | number)[]): Promise<LookupItem[]> {
  const query = new URLSearchParams({ key: 'user_id', dag_id: 'onboarding', limit: '500' });
  for (const value of values) query.append('value', String(value));
  const headers = { authorization: `Bearer ${API_TOKEN}` };
  const answer = await fetch(`${exporterUrl}${API_PATHS.lookup}?${query}`, { headers });
  return ((await answer.json()) as Page<LookupItem>).items;
}

function startService(service: string, env: NodeJS.ProcessEnv): ChildProcess {
  return spawn(process.execPath, [RUNBEAT, service], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

async function endService(child: ChildProcess): Promise<void> {
  if (!isRunning(child)) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

/** Polls until the condition holds, because other processes send no events. */
export async function poll(ask: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await ask().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`Waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
