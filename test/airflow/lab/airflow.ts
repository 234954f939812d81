import { chmodSync, cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type pg from 'pg';
import { freePort, startEmbedded, type EmbeddedPostgres } from '../../../platform/postgres/embedded.ts';
import { openPool } from '../../postgres/pool.ts';
import { airflowEnvironment, processesOf, HOME_FILES } from './environment.ts';
import { ensureInstalled, type Progress } from './install.ts';
import { ProcessGroup } from './processes.ts';
import { RELEASES, type Release, type ReleaseName } from './releases.ts';
import { AirflowApi } from './rest.ts';

interface AirflowOptions {
  dagsFolder: string;
  /** DAGs that must be known before `startAirflow` returns. */
  awaitDags?: string[];
  /** Tasks that the LocalExecutor runs at once; 8 suits two cores. */
  parallelism?: number;
  /** false (the default) trades PostgreSQL's durability for speed. */
  durable?: boolean;
  progress?: Progress;
}

/** A real Airflow, installed from PyPI, on a PostgreSQL of its own. */
export interface Airflow {
  release: Release;
  /** Airflow's metadata database, as its owner. */
  databaseUrl: string;
  /** The UI and REST API. */
  baseUrl: string;
  /** The lab's own copy of the DAGs; a test may edit it. */
  dagsFolder: string;
  /** Starts a manual run and returns its run_id. */
  trigger(dagId: string, conf?: unknown, runId?: string): Promise<string>;
  /** Clears just these tasks of a run, so that it runs again. */
  clear(dagId: string, runId: string, taskIds: string[]): Promise<void>;
  createPool(name: string, slots: number): Promise<void>;
  /** Lets a paused DAG run. */
  unpause(dagId: string): Promise<void>;
  /** Waits until the run has ended (or has one of `states`) and returns its state. */
  waitForRun(dagId: string, runId: string, states?: string[], timeoutMs?: number): Promise<string>;
  /** Waits until the query's first column is true. */
  waitFor(what: string, query: string, params?: unknown[], timeoutMs?: number): Promise<void>;
  query<Row extends pg.QueryResultRow>(sql: string, params?: unknown[]): Promise<Row[]>;
  /** Holds the locks under which a scheduler queues tasks, so that it lives but queues none, until the result is called. */
  lockPools(): Promise<() => Promise<void>>;
  /** Starts a further scheduler; `kill` ends it without giving it the chance to say so in its job row. */
  addScheduler(): Promise<{ kill(): Promise<void> }>;
  /** Kills the first scheduler in the same way. */
  killScheduler(): Promise<void>;
  /** The end of the first scheduler's log: warnings and errors. */
  schedulerLog(): string;
  /** Ends every process, the database included, and removes the files. Safe to call twice. */
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 120_000;
const POLL_MS = 100;

/** Installs the release when it is missing, starts it, and returns once its DAGs are known and its scheduler beats. */
export async function startAirflow(name: ReleaseName, options: AirflowOptions): Promise<Airflow> {
  const release = RELEASES[name];
  const progress = options.progress ?? (() => undefined);
  const venv = await ensureInstalled(release, progress);
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), `runbeat-airflow-${release.version}-`)));
  // PostgreSQL may have to run as another user, who must be able to reach its folder.
  chmodSync(folder, 0o755);
  const home = path.join(folder, 'home');
  const postgres = await startEmbedded({
    dataDir: path.join(folder, 'postgres'),
    database: 'airflow',
    durable: options.durable ?? false,
  });
  mkdirSync(home);
  const port = await freePort();
  const dagsFolder = path.join(folder, 'dags');
  cpSync(options.dagsFolder, dagsFolder, { recursive: true, filter: (file) => !file.endsWith('__pycache__') });
  const env = airflowEnvironment({
    release,
    home,
    venv,
    port,
    dagsFolder,
    databaseUrl: postgres.url,
    parallelism: options.parallelism ?? 8,
  });
  const lab = new Lab(release, postgres, new ProcessGroup(path.join(venv, 'bin/airflow'), home, env), folder, port);
  try {
    await lab.start(options.awaitDags ?? [], progress);
    return lab;
  } catch (error) {
    await lab.stop();
    throw error;
  }
}

class Lab implements Airflow {
  readonly databaseUrl: string;
  readonly baseUrl: string;
  readonly dagsFolder: string;
  private readonly api: AirflowApi;
  private readonly pool: pg.Pool;
  private stopping: Promise<void> | undefined;
  private schedulers = 1;

  constructor(
    readonly release: Release,
    private readonly postgres: EmbeddedPostgres,
    private readonly processes: ProcessGroup,
    private readonly folder: string,
    private readonly port: number,
  ) {
    this.dagsFolder = path.join(folder, 'dags');
    this.databaseUrl = postgres.url;
    this.baseUrl = `http://127.0.0.1:${port}`;
    this.api = new AirflowApi(release, this.baseUrl);
    this.pool = openPool(postgres.url, 2);
  }

  async start(dagIds: string[], progress: Progress): Promise<void> {
    for (const [file, text] of Object.entries(HOME_FILES)) writeFileSync(path.join(this.folder, 'home', file), text);
    progress(`Airflow ${this.release.version}: migrating its database`);
    await this.processes.run('migrate', ['db', 'migrate']);
    progress(`Airflow ${this.release.version}: starting`);
    for (const [name, args] of Object.entries(processesOf(this.release, this.port))) this.processes.start(name, args);
    await this.until('the API answers', () => this.api.isUp(), START_TIMEOUT_MS);
    await this.waitFor(
      'a scheduler beats',
      "select exists (select from job where job_type = 'SchedulerJob' and state = 'running')",
      [],
      START_TIMEOUT_MS,
    );
    await this.waitFor(
      `the DAGs ${dagIds.join(', ')} are known`,
      'select count(distinct dag_id) = cardinality($1::text[]) from serialized_dag where dag_id = any ($1)',
      [dagIds],
      START_TIMEOUT_MS,
    );
    progress(`Airflow ${this.release.version}: ready at ${this.baseUrl}`);
  }

  async trigger(dagId: string, conf: unknown = {}, runId = `manual__${new Date().toISOString()}`): Promise<string> {
    await this.api.trigger(dagId, conf, runId);
    return runId;
  }

  clear(dagId: string, runId: string, taskIds: string[]): Promise<void> {
    return this.api.clear(dagId, runId, taskIds);
  }

  unpause(dagId: string): Promise<void> {
    return this.api.unpause(dagId);
  }

  createPool(name: string, slots: number): Promise<void> {
    return this.api.createPool(name, slots);
  }

  async waitForRun(dagId: string, runId: string, states = ['success', 'failed'], timeoutMs = 300_000): Promise<string> {
    const sql = 'select state from dag_run where dag_id = $1 and run_id = $2';
    let state = '';
    await this.until(
      `run ${runId} of ${dagId} is ${states.join(' or ')}`,
      async () => {
        state = (await this.query<{ state: string }>(sql, [dagId, runId]))[0]?.state ?? 'missing';
        return states.includes(state);
      },
      timeoutMs,
      () => `it is ${state}`,
    );
    return state;
  }

  async waitFor(what: string, query: string, params: unknown[] = [], timeoutMs = 180_000): Promise<void> {
    const holds = async (): Promise<boolean> => Object.values((await this.query(query, params))[0] ?? {})[0] === true;
    await this.until(what, holds, timeoutMs);
  }

  async query<Row extends pg.QueryResultRow>(sql: string, params: unknown[] = []): Promise<Row[]> {
    return (await this.pool.query<Row>(sql, params)).rows;
  }

  async lockPools(): Promise<() => Promise<void>> {
    const client = await this.pool.connect();
    await client.query('begin');
    await client.query('select from slot_pool for update');
    return async () => {
      await client.query('rollback');
      client.release();
    };
  }

  async addScheduler(): Promise<{ kill(): Promise<void> }> {
    const name = `scheduler-${++this.schedulers}`;
    this.processes.start(name, ['scheduler', '--skip-serve-logs']);
    await this.waitFor(
      `${name} beats`,
      "select exists (select from job where job_type = 'SchedulerJob' and state = 'running' and hostname = $1)",
      [name],
    );
    return { kill: () => this.processes.kill(name) };
  }

  killScheduler(): Promise<void> {
    return this.processes.kill('scheduler');
  }

  schedulerLog(): string {
    return this.processes.tail('scheduler');
  }

  stop(): Promise<void> {
    return (this.stopping ??= this.end());
  }

  private async end(): Promise<void> {
    await this.processes.stop();
    await this.pool.end();
    await this.postgres.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async until(
    what: string,
    holds: () => Promise<boolean>,
    timeoutMs: number,
    seen: () => string = () => 'it did not happen',
  ): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!(await holds())) {
      this.processes.assertAlive();
      if (Date.now() > deadline) {
        throw new Error(
          `Airflow ${this.release.version}: waited ${timeoutMs / 1000} s until ${what}; ${seen()}.\n` +
            `The end of its scheduler's log:\n${this.processes.tail('scheduler')}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}
