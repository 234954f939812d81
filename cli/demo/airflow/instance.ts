import { chmodSync, cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort, startEmbedded, type EmbeddedPostgres } from '../../../platform/postgres/embedded.ts';
import { pause } from '../../../platform/time/pause.ts';
import { airflowEnvironment, HOME_FILES, processesOf } from './environment.ts';
import { ensureInstalled, type Progress } from './install.ts';
import { ProcessGroup } from './processes.ts';
import type { Release } from './release.ts';
import { AirflowApi } from './rest.ts';

export interface AirflowOptions {
  dagsFolder: string;
  /** DAGs that Airflow must know before the start is complete. */
  awaitDags?: string[];
  /** Maximum number of tasks that the LocalExecutor runs at once; 8 is suitable for two cores. */
  parallelism?: number;
  /** Additional Airflow settings, e.g. `CORE__PARALLELISM`. */
  settings?: Record<string, string>;
  /** Environment variables that are not Airflow settings. */
  environment?: Record<string, string>;
  /** false (the default) trades PostgreSQL's durability for speed. */
  durable?: boolean;
  progress?: Progress;
}

/** An installed release and a database for it, not started yet. */
export interface Prepared {
  release: Release;
  postgres: EmbeddedPostgres;
  processes: ProcessGroup;
  /** Folder with all files of this Airflow, which is removed at its end. */
  folder: string;
  port: number;
  awaitDags: readonly string[];
}

export const START_TIMEOUT_MS = 300_000;
const POLL_MS = 100;

/** Installs the release if necessary, and creates a database and a home folder for it. */
export async function prepare(release: Release, options: AirflowOptions): Promise<Prepared> {
  const venv = await ensureInstalled(release, options.progress ?? (() => undefined));
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
  for (const [file, text] of Object.entries(HOME_FILES)) writeFileSync(path.join(home, file), text);
  const port = await freePort();
  const dagsFolder = path.join(folder, 'dags');
  cpSync(options.dagsFolder, dagsFolder, { recursive: true, filter: (file) => !file.endsWith('__pycache__') });
  const { parallelism = 8, settings, environment } = options;
  const place = { release, home, venv, port, dagsFolder, databaseUrl: postgres.url };
  const env = airflowEnvironment({ ...place, parallelism, settings, environment });
  const processes = new ProcessGroup(path.join(venv, 'bin/airflow'), home, env);
  return { release, postgres, processes, folder, port, awaitDags: options.awaitDags ?? [] };
}

/** A real Airflow, installed from PyPI, with its own PostgreSQL. */
export class AirflowInstance {
  readonly release: Release;
  /** Airflow's metadata database, as its owner. */
  readonly databaseUrl: string;
  /** Base URL of the UI and the REST API. */
  readonly baseUrl: string;
  /** Folder with its own copy of the DAGs. */
  readonly dagsFolder: string;
  readonly api: AirflowApi;
  /** Scheduler, triggerer, API server, and the DAG processor of 3.x. */
  readonly processes: ProcessGroup;
  private stopping: Promise<void> | undefined;

  constructor(protected readonly prepared: Prepared) {
    const { release, postgres, folder, port } = prepared;
    this.release = release;
    this.processes = prepared.processes;
    this.dagsFolder = path.join(folder, 'dags');
    this.databaseUrl = postgres.url;
    this.baseUrl = `http://127.0.0.1:${port}`;
    this.api = new AirflowApi(release, this.baseUrl);
  }

  /** Resolves when its scheduler sends heartbeats and its DAGs can be triggered. If the start fails, stops everything. */
  async start(progress: Progress = () => undefined): Promise<this> {
    try {
      progress(`Airflow ${this.release.version}: migrating its database`);
      await this.processes.run('migrate', ['db', 'migrate']);
      progress(`Airflow ${this.release.version}: starting`);
      await this.recover();
      progress(`Airflow ${this.release.version}: ready at ${this.baseUrl}`);
      return this;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Restarts processes that have ended, and waits until the API answers, the scheduler sends heartbeats and the DAGs are known. */
  async recover(): Promise<void> {
    for (const [name, args] of Object.entries(processesOf(this.release, this.prepared.port)))
      if (!this.processes.has(name)) this.processes.start(name, args);
    await this.until('the API answers', () => this.api.isUp());
    await this.untilReady(this.prepared.awaitDags);
  }

  async trigger(dagId: string, conf: unknown = {}, runId = `manual__${new Date().toISOString()}`): Promise<string> {
    await this.api.trigger(dagId, conf, runId);
    return runId;
  }

  /** Stops all processes, including the database, and removes the files. Safe to call twice. */
  stop(): Promise<void> {
    return (this.stopping ??= this.end());
  }

  protected async untilReady(dagIds: readonly string[]): Promise<void> {
    await this.until('the scheduler sends heartbeats', () => this.api.schedulerIsHealthy());
    for (const dagId of dagIds) await this.until(`the DAG ${dagId} is known`, () => this.api.knowsDag(dagId));
  }

  protected async end(): Promise<void> {
    await this.processes.stop();
    await this.prepared.postgres.stop();
    rmSync(this.prepared.folder, { recursive: true, force: true });
  }

  protected async until(
    what: string,
    holds: () => Promise<boolean>,
    timeoutMs = START_TIMEOUT_MS,
    seen: () => string = () => 'it did not happen',
  ): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (!(await holds())) {
      this.processes.assertAlive();
      if (performance.now() > deadline) {
        throw new Error(
          `Airflow ${this.release.version}: waited ${timeoutMs / 1000} s until ${what}; ${seen()}.\n` +
            `The end of its scheduler's log:\n${this.processes.tail('scheduler')}`,
        );
      }
      await pause(POLL_MS);
    }
  }
}
