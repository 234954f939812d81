import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { migrate } from '../../platform/postgres/migrate.ts';
import { UserError } from '../../platform/errors.ts';

export const INDEX_SCHEMA = 'runbeat_index';
const INT8_OID = 20;
const INT8_ARRAY_OID = 1016;

/** Brings the index's schema up to date and opens it. Refuses a database that belongs to an Airflow. */
export async function openIndex(url: string): Promise<pg.Pool> {
  await refuseAirflow(url);
  await migrate({
    databaseUrl: url,
    folder: fileURLToPath(new URL('../migrations', import.meta.url)),
    schema: INDEX_SCHEMA,
  });
  const pool = new pg.Pool({
    connectionString: url,
    max: 6,
    application_name: 'runbeat exporter (index)',
    connectionTimeoutMillis: 10_000,
    // Awaited by the pool before it hands the connection out.
    onConnect: (client) => client.query(`set search_path = ${INDEX_SCHEMA}; set jit = off;`) as unknown as void,
    types: { getTypeParser: parserOf } as pg.CustomTypesConfig,
  });
  pool.on('error', () => undefined);
  // One that dies in use, between two queries, fails the next of them; unheard it would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

function parserOf(oid: number, format: 'text' | 'binary'): unknown {
  if (oid === INT8_OID) return Number;
  if (oid === INT8_ARRAY_OID) return (text: string) => (text === '{}' ? [] : text.slice(1, -1).split(',').map(Number));
  return pg.types.getTypeParser(oid, format as 'text');
}

async function refuseAirflow(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    const { rows } = await client.query<{ airflow: boolean }>(
      "select to_regclass('alembic_version') is not null and to_regclass('dag_run') is not null as airflow",
    );
    if (!rows[0]!.airflow) return;
  } finally {
    await client.end();
  }
  throw new UserError(
    'RUNBEAT_INDEX_URL points into the database of an Airflow, where nothing is ever written.',
    'Give the index a database of its own, or leave RUNBEAT_INDEX_URL out: an embedded one in .runbeat/ is used then.',
  );
}
