import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { openStatelessPool, withClient, type ConnectionOptions } from '../../platform/postgres/connect.ts';
import { migrate } from '../../platform/postgres/migrate.ts';
import { UserError } from '../../platform/errors.ts';

export const INDEX_SCHEMA = 'runbeat_index';

/** A poll may wait for a long write; a person, or another poll, for no answer of the API. */
const POLL_TIMEOUT_MS = 30_000;
const API_TIMEOUT_MS = 5_000;

/** Nothing of it outlives the transaction: a pooler may give the connection to another client next. */
function beginWithin(timeoutMs: number): string {
  return `begin; set local search_path = ${INDEX_SCHEMA}; set local jit = off; set local statement_timeout = ${timeoutMs}`;
}

/** Brings the index's schema up to date and opens it. Refuses a database that belongs to an Airflow. */
export async function openIndex(url: string): Promise<pg.Pool> {
  await refuseAirflow(url);
  await migrateIndex(url);
  const pool = openWithin({ url, name: 'runbeat exporter (index)' }, POLL_TIMEOUT_MS);
  urls.set(pool, url);
  return pool;
}

/** Further connections to an index that was opened, for the API: its questions keep no poll waiting. */
export function openIndexForApi(index: pg.Pool): pg.Pool {
  return openWithin({ url: urls.get(index)!, name: 'runbeat exporter (API)', pipeline: true }, API_TIMEOUT_MS);
}

function openWithin(options: ConnectionOptions, timeoutMs: number): pg.Pool {
  return openStatelessPool({ ...options, max: 6, queryTimeoutMs: timeoutMs + 2_000 }, beginWithin(timeoutMs));
}

const urls = new WeakMap<pg.Pool, string>();

/** Creates the schema of an open index again, after it was dropped. */
export async function remakeIndex(pool: pg.Pool): Promise<void> {
  await migrateIndex(urls.get(pool)!);
}

/** Makes the schema of the index, or brings it up to date. */
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
    'RUNBEAT_INDEX_URL points into the database of an Airflow, where nothing is ever written.',
    'Give the index a database of its own, or leave RUNBEAT_INDEX_URL out: an embedded one in .runbeat/ is used then.',
  );
}
