import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { openStatelessPool, withClient, type ConnectionOptions } from '../../platform/postgres/connect.ts';
import { migrate } from '../../platform/postgres/migrate.ts';
import { UserError } from '../../platform/errors.ts';

export const INDEX_SCHEMA = 'runbeat_index';

/** A poll may wait for a long write, but API queries must be short: people and polls wait for them. */
const POLL_TIMEOUT_MS = 30_000;
const API_TIMEOUT_MS = 5_000;

/** All settings end with the transaction, because a pooler may give the connection to another client next. */
function beginWithin(timeoutMs: number): string {
  return `begin isolation level read committed; set local search_path = ${INDEX_SCHEMA}; set local jit = off; set local statement_timeout = ${timeoutMs}`;
}

/** Migrates the schema of the index and opens it. Refuses a database that belongs to an Airflow. */
export async function openIndex(url: string): Promise<pg.Pool> {
  await refuseAirflow(url);
  await migrateIndex(url);
  const pool = openWithin({ url, name: 'runbeat exporter (index)' }, POLL_TIMEOUT_MS);
  urls.set(pool, url);
  return pool;
}

/** Opens further connections to an open index, for the API, so that its queries do not delay polls. */
export function openIndexForApi(index: pg.Pool): pg.Pool {
  return openWithin({ url: urls.get(index)!, name: 'runbeat exporter (API)', pipeline: true }, API_TIMEOUT_MS);
}

function openWithin(options: ConnectionOptions, timeoutMs: number): pg.Pool {
  return openStatelessPool({ ...options, max: 6, queryTimeoutMs: timeoutMs + 2_000 }, beginWithin(timeoutMs));
}

const urls = new WeakMap<pg.Pool, string>();

/** Creates the schema of an open index again after it was dropped. */
export async function remakeIndex(pool: pg.Pool): Promise<void> {
  await migrateIndex(urls.get(pool)!);
}

/** Creates or migrates the schema of the index. */
async function migrateIndex(url: string): Promise<void> {
  await migrate({
    databaseUrl: url,
    folder: fileURLToPath(new URL('../migrations', import.meta.url)),
    schema: INDEX_SCHEMA,
  });
}

async function refuseAirflow(url: string): Promise<void> {
  const isAirflow = await withClient({ url, name: 'runbeat exporter (index)' }, async (client) => {
    const { rows } = await client.query<{ airflow: boolean }>(
      "select to_regclass('alembic_version') is not null and to_regclass('dag_run') is not null as airflow",
    );
    return rows[0]!.airflow;
  });
  if (!isAirflow) return;
  throw new UserError(
    'RUNBEAT_INDEX_URL points to the database of an Airflow, to which Runbeat never writes.',
    'Use a separate database for the index, or leave RUNBEAT_INDEX_URL unset to use an embedded one in .runbeat/.',
  );
}
