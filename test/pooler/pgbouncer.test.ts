import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type pg from 'pg';
import type { SourceConfig } from '../../exporter/config.ts';
import { examineSource } from '../../exporter/doctor/source.ts';
import { openPool } from '../../platform/postgres/connect.ts';
import { loadFixture } from '../airflow/lab/fixture.ts';
import { createExporter } from '../exporter/world.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';
import { startPgBouncer, type PgBouncer, type PoolMode } from './pgbouncer.ts';

/** 10,000 take a quarter of an hour: RUNBEAT_POOLER_POLLS=10000 npx vitest run --project live test/pooler */
const POLLS = Number(process.env.RUNBEAT_POOLER_POLLS ?? 150);
const FIXTURE = 'airflow-3.3.2';

let source: TestDatabase;
let index: TestDatabase;
let sourcePooler: PgBouncer;
let indexPooler: PgBouncer;

/** Airflow's own role owns its tables and may write them. The exporter uses the same role. */
async function asAirflow(database: TestDatabase): Promise<string> {
  const role = `airflow_${database.url.split('_').at(-1)}`;
  await database.pool.query(`create role ${role} login password 'secret';
    grant all on schema public to ${role}; grant all on all tables in schema public to ${role};
    grant all on all sequences in schema public to ${role}`);
  const url = new URL(database.url);
  [url.username, url.password] = [role, 'secret'];
  return url.href;
}

let airflowUrl: string;
beforeEach(async () => {
  [source, index] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  await loadFixture(source.url, FIXTURE, { takenAt: new Date() });
  airflowUrl = await asAirflow(source);
});
afterEach(async () => {
  await Promise.all([sourcePooler.stop(), indexPooler.stop()]);
  const { username } = new URL(airflowUrl);
  await source.pool.query(`drop owned by ${username}; drop role ${username}`);
  await Promise.all([source.drop(), index.drop()]);
});

const sourceAt = (url: string): SourceConfig => ({
  name: 'airflow',
  url,
  uiUrl: null,
  heartbeatThresholdSeconds: 30,
  keys: [],
  parallelism: null,
  useJobSchedule: true,
  connections: 1,
});

async function start(mode: PoolMode): Promise<{ sourceUrl: string; indexUrl: string }> {
  [sourcePooler, indexPooler] = await Promise.all([
    startPgBouncer(airflowUrl, mode, 2),
    startPgBouncer(index.url, mode, 2),
  ]);
  return { sourceUrl: sourcePooler.urlOf(airflowUrl), indexUrl: indexPooler.urlOf(index.url) };
}

/** Writes through the pooler, as Airflow does, until it is stopped; returns how often. */
function writeOnAndOn(pool: pg.Pool): () => Promise<number> {
  let stopped = false;
  let writes = 0;
  const done = (async () => {
    while (!stopped) {
      await pool.query("update job set latest_heartbeat = now() where job_type = 'SchedulerJob'");
      writes++;
    }
  })();
  done.catch(() => undefined);
  return async () => {
    stopped = true;
    await done;
    return writes;
  };
}

const SETTINGS = ['default_transaction_read_only', 'statement_timeout', 'lock_timeout', 'search_path', 'jit'];

async function settingsOf(pool: pg.Pool): Promise<string[]> {
  const columns = SETTINGS.map((name) => `current_setting('${name}') as ${name}`).join(', ');
  const seen = new Set<string>();
  for (let n = 0; n < 20; n++) {
    const { rows } = await pool.query(`select ${columns}, (select count(*) from pg_prepared_statements) as prepared,
      (select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()) as locks`);
    seen.add(JSON.stringify(rows[0]));
  }
  return [...seen];
}

describe.each(['transaction', 'session'] as const)('through PgBouncer in %s mode', (mode) => {
  it('the exporter reads as Airflow while another client writes through the same connections', async () => {
    const { sourceUrl, indexUrl } = await start(mode);
    const airflow = openPool({ url: sourceUrl, name: 'airflow', max: 1 });
    const untouched = await settingsOf(airflow);
    const stopWriting = writeOnAndOn(airflow);
    const exporter = await createExporter({ sourceUrl, indexUrl, keys: 'user_id=conf.user_id' });
    await exporter.settle();
    for (let poll = 0; poll < POLLS; poll++) await exporter.observer.poll();
    expect(exporter.observer.status().problem).toBeNull();
    expect((await exporter.index.runs({}, undefined, 10)).length).toBeGreaterThan(0);
    await exporter.close();
    expect(await stopWriting()).toBeGreaterThan(POLLS / 10);
    expect(await settingsOf(airflow)).toEqual(untouched);
    await airflow.end();
    const direct = openPool({ url: indexUrl, name: 'other', max: 2 });
    for (const settings of await settingsOf(direct)) expect(settings).not.toContain('runbeat_index');
    await direct.end();
  });
});

describe('the doctor', () => {
  it('says whether it is connected through a pooler', async () => {
    const { sourceUrl } = await start('transaction');
    const examine = async (url: string): Promise<string> => JSON.stringify(await examineSource(sourceAt(url), 10));
    expect(await examine(sourceUrl)).toContain('through a pooler such as PgBouncer');
    expect(await examine(airflowUrl)).not.toContain('pooler');
  });
});

describe('through PgBouncer in statement mode', () => {
  it('a source says why it can’t be read, and which mode to use', async () => {
    const { sourceUrl } = await start('statement');
    const exporter = await createExporter({ sourceUrl, indexUrl: index.url });
    await exporter.observer.poll();
    expect(exporter.observer.status().problem).toMatch(/statement.*pool_mode = transaction/s);
    await exporter.close();
  });
});
