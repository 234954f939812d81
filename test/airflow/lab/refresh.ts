import { mkdirSync, mkdtempSync, chmodSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import pg from 'pg';
import { startEmbedded } from '../../../platform/postgres/embedded.ts';
import { startAirflow } from './airflow.ts';
import { dump } from './dump.ts';
import { airflowEnvironment, HOME_FILES } from '../../../cli/demo/airflow/environment.ts';
import { FIXTURE_FOLDER } from './fixture.ts';
import { ensureInstalled, type Progress } from '../../../cli/demo/airflow/install.ts';
import { ProcessGroup } from '../../../cli/demo/airflow/processes.ts';
import type { Release } from '../../../cli/demo/airflow/release.ts';
import { RELEASES, type ReleaseName } from './releases.ts';
import { LAB_DAGS, playScenario } from './scenario.ts';

/** The revision of each version's schema, from Airflow's own table of heads (airflow.utils.db). */
const REVISIONS: Readonly<Record<string, string>> = {
  'schema-2.7.0': '405de8318b3a',
  'schema-2.8.0': '10b52ebd31f7',
  'schema-2.9.0': '1949afb29106',
  'schema-2.10.0': '22ed7efa9da2',
  'schema-2.11.0': '5f2621c13b39',
  'schema-3.0.0': '29ce7909c52b',
  'schema-3.1.0': 'cc92b33c6709',
  'schema-3.2.0': '1d6611b6ab7c',
  'schema-3.3.0': 'd2f4e1b3c5a7',
  'schema-3.4.0': '9cffe90fa0c0',
};

const progress: Progress = (line) => process.stderr.write(`${line}\n`);

async function refreshData(name: ReleaseName): Promise<void> {
  const airflow = await startAirflow(name, {
    dagsFolder: path.resolve(import.meta.dirname, '../dags'),
    awaitDags: LAB_DAGS,
    progress,
  });
  try {
    await playScenario(airflow, progress);
    await save(dataName(airflow.release), airflow.databaseUrl);
  } finally {
    await airflow.stop();
  }
}

/**
 * Creates the schemas of an installation that has been upgraded since Airflow 2: by migrations, first those of 2.x,
 * then those of 3.x. Such a database has its columns in another order than a fresh one, which Airflow creates from its models.
 * The migrations that 3.x ships for versions before 2.7 are a shortcut that no real installation used: they create
 * idx_dag_run_running_dags without its condition.
 */
async function refreshSchemas(names: readonly string[]): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'runbeat-schemas-'));
  chmodSync(folder, 0o755);
  const postgres = await startEmbedded({ dataDir: path.join(folder, 'postgres'), database: 'airflow', durable: false });
  const admin = new pg.Client({ connectionString: postgres.adminUrlOf('postgres') });
  await admin.connect();
  try {
    for (const name of names) {
      await admin.query('drop database airflow');
      await admin.query('create database airflow');
      const last2 = REVISIONS['schema-2.11.0'];
      const isOf3 = name.startsWith('schema-3');
      await migrate(RELEASES['airflow2.11'], folder, postgres.url, isOf3 ? last2! : REVISIONS[name]!);
      if (isOf3) await migrate(RELEASES['airflow3.4'], folder, postgres.url, REVISIONS[name]!);
      await save(name, postgres.url);
    }
  } finally {
    await admin.end();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function migrate(release: Release, folder: string, databaseUrl: string, revision: string): Promise<void> {
  const venv = await ensureInstalled(release, progress);
  const home = path.join(folder, release.version);
  const dagsFolder = path.join(home, 'dags');
  mkdirSync(dagsFolder, { recursive: true });
  for (const [file, text] of Object.entries(HOME_FILES)) writeFileSync(path.join(home, file), text);
  const env = airflowEnvironment({ release, home, venv, dagsFolder, databaseUrl, port: 0, parallelism: 1 });
  const airflow = new ProcessGroup(path.join(venv, 'bin/airflow'), home, env);
  try {
    await airflow.run('migrate', ['db', 'migrate', '--to-revision', revision]);
  } finally {
    await airflow.stop();
  }
}

function dataName(release: Release): string {
  return `airflow-${release.version}`;
}

async function save(name: string, databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const packed = gzipSync(await dump(client), { level: 9 });
    writeFileSync(path.join(FIXTURE_FOLDER, `${name}.sql.gz`), packed);
    progress(`${name}: ${(packed.length / 1024).toFixed(0)} KiB`);
  } finally {
    await client.end();
  }
}

const asked = process.argv.slice(2);
const known = [...Object.values(RELEASES).map(dataName), ...Object.keys(REVISIONS)];
const unknown = asked.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  progress(`There is no fixture ${unknown.join(', ')}; there are ${known.join(', ')}.`);
  process.exit(2);
}
const wanted = (name: string): boolean => asked.length === 0 || asked.includes(name);
for (const name of Object.keys(RELEASES) as ReleaseName[]) {
  if (wanted(dataName(RELEASES[name]))) await refreshData(name);
}
const schemas = Object.keys(REVISIONS).filter(wanted);
if (schemas.length > 0) await refreshSchemas(schemas);
