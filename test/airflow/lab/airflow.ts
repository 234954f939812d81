import path from 'node:path';
import pg from 'pg';
import {
  AirflowInstance,
  prepare,
  START_TIMEOUT_MS,
  type AirflowOptions,
  type Prepared,
} from '../../../cli/demo/airflow/instance.ts';
import { openPool } from '../../postgres/pool.ts';
import { RELEASES, type ReleaseName } from './releases.ts';

/** A real Airflow, with the actions that tests need. They may edit its copy of the DAGs. */
export interface Airflow extends AirflowInstance {
  /** Runs `airflow <args>`, waits until it ends, and returns the end of its output. */
  command(args: string[]): Promise<string>;
  /** Clears only these tasks of a run, so that it runs again. */
  clear(dagId: string, runId: string, taskIds: string[]): Promise<void>;
  createPool(name: string, slots: number, includeDeferred?: boolean): Promise<void>;
  /** AIRFLOW_HOME. */
  home: string;
  /** Unpauses a DAG. */
  unpause(dagId: string): Promise<void>;
  /** Waits until the run has ended (or has one of `states`) and returns its state. */
  waitForRun(dagId: string, runId: string, states?: string[], timeoutMs?: number): Promise<string>;
  /** Waits until the query's first column is true. */
  waitFor(what: string, query: string, params?: unknown[], timeoutMs?: number): Promise<void>;
  query<Row extends pg.QueryResultRow>(sql: string, params?: unknown[]): Promise<Row[]>;
  /** Runs statements as a user who may create roles, unlike the owner of Airflow's database. */
  asAdmin(sql: string): Promise<void>;
  /** Holds the locks that a scheduler needs to queue tasks, so that it is alive but queues none. Call the result to release them. */
  lockPools(): Promise<() => Promise<void>>;
  /** Starts another scheduler. `kill` ends it before it can record that in its job row. */
  addScheduler(): Promise<{ kill(): Promise<void> }>;
  /** Kills every scheduler in the same way. */
  killSchedulers(): Promise<void>;
  /** Holds the locks of a statement. Call the result to release them. */
  lock(sql: string): Promise<() => Promise<void>>;
  /** The end of the first scheduler's log: warnings and errors. */
  schedulerLog(): string;
}

/** On a busy machine, a task may take minutes to start. */
const HANG_MS = 900_000;

/** Airflow's own rule for a healthy scheduler. */
const SCHEDULER_BEATS = `select exists (select from job where job_type = 'SchedulerJob' and state = 'running'
  and latest_heartbeat > now() - interval '30 seconds')`;

/** Installs the release if it is missing, starts it, and returns once its DAGs are parsed and its scheduler sends heartbeats. */
export async function startAirflow(name: ReleaseName, options: AirflowOptions): Promise<Airflow> {
  return new Lab(await prepare(RELEASES[name], options)).start(options.progress);
}

class Lab extends AirflowInstance implements Airflow {
  private readonly pool: pg.Pool;
  private schedulers = 1;

  constructor(prepared: Prepared) {
    super(prepared);
    this.pool = openPool(this.databaseUrl, 2);
  }

  /** The same for 2.x, whose API lists a DAG before it can be triggered. */
  protected override async untilReady(dagIds: readonly string[]): Promise<void> {
    await this.waitFor('a scheduler beats', SCHEDULER_BEATS, [], START_TIMEOUT_MS);
    await this.waitFor(
      `the DAGs ${dagIds.join(', ')} can be triggered`,
      `select count(distinct dag_id) = cardinality($1::text[]) from dag join serialized_dag using (dag_id)
        where dag_id = any ($1) and not has_import_errors and ${this.release.major === 2 ? 'is_active' : 'not is_stale'}`,
      [dagIds],
      START_TIMEOUT_MS,
    );
  }

  async command(args: string[]): Promise<string> {
    await this.processes.run('command', args);
    return this.processes.tail('command');
  }

  clear(dagId: string, runId: string, taskIds: string[]): Promise<void> {
    return this.api.clear(dagId, runId, taskIds);
  }

  unpause(dagId: string): Promise<void> {
    return this.api.unpause(dagId);
  }

  createPool(name: string, slots: number, includeDeferred = false): Promise<void> {
    return this.api.createPool(name, slots, includeDeferred);
  }

  get home(): string {
    return path.join(this.prepared.folder, 'home');
  }

  async waitForRun(dagId: string, runId: string, states = ['success', 'failed'], timeoutMs = HANG_MS): Promise<string> {
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

  async waitFor(what: string, query: string, params: unknown[] = [], timeoutMs = HANG_MS): Promise<void> {
    const holds = async (): Promise<boolean> => Object.values((await this.query(query, params))[0] ?? {})[0] === true;
    await this.until(what, holds, timeoutMs);
  }

  async query<Row extends pg.QueryResultRow>(sql: string, params: unknown[] = []): Promise<Row[]> {
    return (await this.pool.query<Row>(sql, params)).rows;
  }

  async asAdmin(sql: string): Promise<void> {
    const client = new pg.Client({ connectionString: this.prepared.postgres.adminUrlOf('airflow') });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  }

  lockPools(): Promise<() => Promise<void>> {
    return this.lock('select from slot_pool for update');
  }

  async lock(sql: string): Promise<() => Promise<void>> {
    const client = await this.pool.connect();
    await client.query('begin');
    await client.query(sql);
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

  async killSchedulers(): Promise<void> {
    for (const name of this.processes.names()) if (name.startsWith('scheduler')) await this.processes.kill(name);
  }

  schedulerLog(): string {
    return this.processes.tail('scheduler');
  }

  protected override async end(): Promise<void> {
    await this.processes.stop();
    await this.pool.end();
    await super.end();
  }
}
