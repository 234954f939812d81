import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import pg from 'pg';
import { TAKEN_AT } from './dump.ts';

/** Databases of real Airflows after the lab's scenario, in the order of their versions. */
export const DATA_FIXTURES = [
  'airflow-2.7.3',
  'airflow-2.11.0',
  'airflow-3.1.8',
  'airflow-3.3.2',
  'airflow-3.4.0b2',
] as const;

/** Empty databases of the supported versions, as Airflow's own migrations create them in an installation that was upgraded from 2.x. */
export const SCHEMA_FIXTURES = [
  'schema-2.7.0',
  'schema-2.8.0',
  'schema-2.9.0',
  'schema-2.10.0',
  'schema-2.11.0',
  'schema-3.0.0',
  'schema-3.1.0',
  'schema-3.2.0',
  'schema-3.3.0',
  'schema-3.4.0',
] as const;

export type FixtureName = (typeof DATA_FIXTURES)[number] | (typeof SCHEMA_FIXTURES)[number];

export const FIXTURE_FOLDER = path.resolve(import.meta.dirname, '../fixtures');

/** A table that every Airflow has, but most fixtures lack. */
const NOT_RECORDED = `create table if not exists dag_tag (
  name character varying(100) not null, dag_id character varying(250) not null, primary key (name, dag_id))`;

interface LoadOptions {
  /**
   * Moves every timestamp (heartbeats, starts, ends; not logical dates and data intervals) by the same amount, so that the
   * snapshot seems to have been taken at this time. Without it, the timestamps stay as Airflow wrote them.
   */
  takenAt?: Date;
}

/** Loads a fixture into an empty database, and returns the time at which its snapshot was taken, or now seems to be. */
export async function loadFixture(databaseUrl: string, name: FixtureName, options: LoadOptions = {}): Promise<Date> {
  const sql = gunzipSync(readFileSync(path.join(FIXTURE_FOLDER, `${name}.sql.gz`))).toString('utf8');
  const taken = new Date(sql.slice(TAKEN_AT.length, sql.indexOf('\n')));
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(sql);
    await client.query(NOT_RECORDED);
    if (!options.takenAt) return taken;
    await shiftStamps(client, options.takenAt.getTime() - taken.getTime());
    return options.takenAt;
  } finally {
    await client.end();
  }
}

// These name the period that a run covers, not a time at which something happened.
const PERIODS = ['logical_date', 'execution_date', 'data_interval_start', 'data_interval_end'];

async function shiftStamps(client: pg.Client, milliseconds: number): Promise<void> {
  const { rows } = await client.query<{ update: string }>(
    `select format('update %I set %s', table_name,
                   string_agg(format('%1$I = %1$I + interval %2$L', column_name, $1 || ' milliseconds'), ', ')) as update
       from information_schema.columns
      where table_schema = 'public' and data_type = 'timestamp with time zone' and column_name <> all ($2)
      group by table_name`,
    [String(milliseconds), PERIODS],
  );
  for (const { update } of rows) await client.query(update);
}
