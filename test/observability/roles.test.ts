import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readExporterConfig } from '../../exporter/config.ts';
import { startExporter, type RunningExporter } from '../../exporter/main.ts';
import { createLogger } from '../../platform/log.ts';
import { withClient } from '../../platform/postgres/connect.ts';
import { startEmbedded, type EmbeddedPostgres } from '../../platform/postgres/embedded.ts';
import { rerunTasks } from '../../scheduler/control.ts';
import { loadSchedulerConfig } from '../../scheduler/config.ts';
import { startWorker } from '../../scheduler/main.ts';
import { migrateScheduler } from '../../scheduler/store/migrate.ts';
import { loadFixture } from '../airflow/lab/fixture.ts';
import { openLab, type Lab } from '../scheduler/lab.ts';

/** A pair of tasks that uses what a worker can do: output, a retry, a skipped poke, and a run of another DAG. */
const FLOW = `import { dag } from 'runbeat';
let pokes = 0;
export const flow = dag('flow', {}, (b) => {
  const first = b.task('first', { retries: 1, retryDelaySeconds: 0 }, ({ tryNumber, log }) => {
    log('try ' + tryNumber);
    if (tryNumber === 1) throw new Error('once');
  });
  const sensor = b.sensor('sensor', { after: first, pokeIntervalSeconds: 0.1 }, () => ++pokes > 1);
  b.triggerDag('next', { after: sensor, dagId: 'followed' }, () => ({ conf: { user_id: 7 } }));
});
export const followed = dag('followed', {}, (b) => { b.shell('shell', { command: 'echo followed' }); });`;

const ROLES = ['owner', 'scheduler', 'worker', 'reader', 'exporter'] as const;
type Role = (typeof ROLES)[number];

let folder: string;
let postgres: EmbeddedPostgres;
let lab: Lab;
let exporter: RunningExporter;

const urlOf = (role: Role): string => urlAs(`runbeat_${role}`, `password${role}`, postgres.url);

function urlAs(user: string, password: string, database: string): string {
  return Object.assign(new URL(database), { username: user, password }).href;
}

/** Runs SQL as the one-shot containers do. */
function runSql(file: string, url: string): void {
  const roles = file === 'roles.sql' ? ROLES : (['reader'] as const);
  const passwords = Object.fromEntries(
    roles.map((role) => [`RUNBEAT_${role.toUpperCase()}_PASSWORD`, `password${role}`]),
  );
  const all = file === 'roles.sql' ? passwords : { ...passwords, AIRFLOW_PASSWORD: 'passwordairflow' };
  const settings = file.endsWith('roles.sql') ? all : {};
  const env = { ...process.env, ...settings, RUNBEAT_DATABASE_URL: url };
  const result = spawnSync(process.execPath, ['provisioning/docker/sql.mjs', file], { env, encoding: 'utf8' });
  expect([result.stderr, result.status]).toEqual(['', 0]);
}

const as = (role: Role, sql: string): Promise<pg.QueryResult> =>
  withClient({ url: urlOf(role), name: 'test' }, (client) => client.query(sql));

const state = (role: Role, sql: string): Promise<string | undefined> =>
  as(role, sql).then(
    () => undefined,
    (error: { code?: string }) => error.code,
  );

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'runbeat-roles-'));
  chmodSync(folder, 0o755);
  postgres = await startEmbedded({ dataDir: path.join(folder, 'data'), durable: false });
});
afterAll(async () => {
  await exporter?.stop();
  await lab?.close();
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('the roles of docker-compose.yml', () => {
  it('take over the tables of a release that had one role, and can be created again', async () => {
    await migrateScheduler(postgres.url);
    for (let at = 0; at < 2; at++) {
      runSql('roles.sql', postgres.adminUrlOf('runbeat'));
      await migrateScheduler(urlOf('owner'));
      runSql('grants.sql', urlOf('owner'));
    }
    const { rows } = await as(
      'owner',
      "select distinct tableowner from pg_tables where schemaname = 'runbeat' union select 'superuser' from pg_roles where rolname like 'runbeat%' and rolsuper",
    );
    expect(rows).toEqual([{ tableowner: 'runbeat_owner' }]);
  });

  it('are enough for the scheduler, a worker and the exporter', async () => {
    lab = await openLab({ databaseUrl: urlOf('scheduler') });
    lab.write('flow.ts', FLOW);
    await lab.scheduler();
    const worker = await startWorker(
      loadSchedulerConfig({ RUNBEAT_DATABASE_URL: urlOf('worker') }),
      createLogger('test', 'silent'),
    );
    try {
      exporter = await startExporter(
        readExporterConfig({
          RUNBEAT_DATABASE_URL: urlOf('reader'),
          RUNBEAT_INDEX_URL: urlOf('exporter'),
          RUNBEAT_LISTEN: '127.0.0.1:0',
          RUNBEAT_KEYS: 'user_id=conf.user_id',
        }),
        createLogger('test', 'silent'),
      );
      // Runs that ended before it first read the source would be history, which is not counted.
      await vi.waitFor(async () => expect((await fetch(`${exporter.url}/readyz`)).status).toBe(200), 60_000);
      const runId = await lab.trigger('flow');
      expect((await lab.finished('flow', runId)).state).toBe('success');
      await lab.eventually("select 1 from runbeat.dag_run where dag_id = 'followed' and state = 'success'");
      await lab.eventually('select 1 from runbeat.task_log where content like $1', ['%followed%']);
      await rerunTasks(lab.pool, 'flow', runId, { taskId: 'first', downstream: false });
      await lab.finished('flow', runId);
    } finally {
      await worker.stop();
    }
    const counted = /runbeat_runs_finished_total\{source="runbeat",dag_id="followed",state="success"\} [1-9]/;
    await vi.waitFor(
      async () => expect(await (await fetch(`${exporter.url}/metrics`)).text()).toMatch(counted),
      60_000,
    );
    const found = await (await fetch(`${exporter.url}/api/v1/lookup?key=user_id&value=7`)).json();
    expect(found).toMatchObject({ items: [{ dag_id: 'followed', state: 'success' }] });
    expect((await fetch(`${exporter.url}/readyz`)).status).toBe(200);
  });

  it.each<[Role, string]>([
    ['reader', 'update runbeat.dag set is_paused = true'],
    ['reader', 'set transaction_read_only = off; update runbeat.dag set is_paused = true'],
    ['reader', 'select * from runbeat_index.migration'],
    ['exporter', 'select * from runbeat.dag_run'],
    ['worker', "update runbeat.dag_bundle set code = ''"],
    ['worker', 'update runbeat.dag set is_paused = true'],
    ['worker', "update runbeat.dag_run set conf = '{}'"],
    ['worker', 'delete from runbeat.task_instance'],
    ['scheduler', 'drop table runbeat.task_log'],
    ['scheduler', 'delete from runbeat.migration'],
    ['worker', "copy (select 1) to program 'true'"],
    ['owner', "copy (select 1) to program 'true'"],
  ])('give %s no right to: %s', async (role, sql) => {
    expect(await state(role, sql)).toMatch(/^(42501|25006)$/);
  });
});

describe('the roles of the Airflow that the profile of docker-compose.yml adds', () => {
  it('let Airflow own its tables and the exporter read them, and can be created again', async () => {
    const admin = postgres.adminUrlOf('postgres');
    await withClient({ url: admin, name: 'test' }, (client) => client.query('create database airflow'));
    const owner = urlAs('airflow', 'passwordairflow', postgres.adminUrlOf('airflow'));
    const reader = urlAs('runbeat_reader', 'passwordreader', owner);
    runSql('airflow-roles.sql', postgres.adminUrlOf('airflow'));
    await loadFixture(owner, 'airflow-3.3.2');
    runSql('airflow-roles.sql', postgres.adminUrlOf('airflow'));
    runSql('../../docs/sql/airflow-grants.sql', owner);
    await withClient({ url: reader, name: 'test' }, async (client) => {
      const { rows } = await client.query<{ runs: number }>('select count(*)::int as runs from dag_run');
      expect(rows[0]!.runs).toBeGreaterThan(0);
      await client.query('set default_transaction_read_only = off');
      await expect(client.query("update dag_run set state = 'failed'")).rejects.toMatchObject({ code: '42501' });
    });
  });
});
