import { readFileSync } from 'node:fs';
import { runDetail } from '../../exporter/api/runDetail.ts';
import { inTransaction } from '../../platform/postgres/transaction.ts';
import type { RunDetail } from '../../shared/api.ts';
import { loadFixture, type FixtureName } from '../airflow/lab/fixture.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';
import { createExporter, watchedFromTheBeginning, type TestExporter } from './world.ts';

const KEYS = 'user_id=conf.user_id,application_id=conf.application.id,name=run_id:^user-by-(.+)$,tag=conf.tags';

const documented = (file: string, role: string): string =>
  readFileSync(`docs/sql/${file}`, 'utf8').replaceAll('runbeat_reader', role);

/**
 * Creates the documented role in a database, under a name of this test. As at a site, an administrator who may create roles and
 * the plain owner of Airflow's tables each run their own file. Returns the URL with which the role logs in.
 */
async function readOnlyUrl(database: TestDatabase, role: string): Promise<string> {
  const [dba, owner] = [`dba_${role}`, `owner_${role}`];
  await database.pool.query(`create role ${dba} nologin createrole; create role ${owner} nologin;
    grant usage, create on schema public to ${owner}`);
  const { rows } = await database.pool.query<{ name: string }>(
    `select format('%I', tablename) as name from pg_tables where schemaname = 'public'`,
  );
  await database.pool.query(rows.map(({ name }) => `alter table ${name} owner to ${owner}`).join(';'));
  await inTransaction(database.pool, async (client) => {
    await client.query(`set local role ${dba}`);
    await client.query(documented('airflow-role.sql', role));
    await client.query(`alter role ${role} password 'change-me'`);
  });
  await inTransaction(database.pool, async (client) => {
    await client.query(`set local role ${owner}`);
    await client.query(documented('airflow-grants.sql', role));
  });
  const url = new URL(database.url);
  url.username = role;
  url.password = 'change-me';
  return url.href;
}

async function dropRoles(database: TestDatabase, role: string): Promise<void> {
  const roles = `${role}, owner_${role}, dba_${role}`;
  await database.pool.query(`drop owned by ${roles} cascade; drop role ${roles}`);
}

/** An exporter that has read the database of a real Airflow, with the documented role. */
export interface RealAirflow {
  source: TestDatabase;
  index: TestDatabase;
  exporter: TestExporter;
  detail(dag_id: string, run_id?: string): Promise<RunDetail>;
  close(): Promise<void>;
}

export async function readRealAirflow(fixture: FixtureName): Promise<RealAirflow> {
  const role = `reader_${fixture.replaceAll(/\W/g, '_')}_${process.pid}`;
  const [source, index] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  await loadFixture(source.url, fixture, { takenAt: new Date() });
  await watchedFromTheBeginning(index.url);
  const uiUrl = 'https://airflow.example.com';
  const sourceUrl = await readOnlyUrl(source, role);
  const exporter = await createExporter({ sourceUrl, indexUrl: index.url, keys: KEYS, source: { uiUrl } });
  await exporter.settle();
  return {
    source,
    index,
    exporter,
    detail: (dag_id, run_id = `lab_${dag_id}`) => runDetail(exporter.context, { source: 'db', dag_id, run_id }),
    close: async () => {
      await exporter.close();
      await dropRoles(source, role);
      await Promise.all([source.drop(), index.drop()]);
    },
  };
}
