import type { Writable } from 'node:stream';
import pg from 'pg';

const INT8 = 20;
const INT8_ARRAY = 1016;

/** Ids are bigint in the database and stay far below 2^53, so they are numbers here. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text') => {
    if (oid === INT8) return Number;
    if (oid === INT8_ARRAY) return (text: string) => text.slice(1, -1).split(',').filter(Boolean).map(Number);
    return pg.types.getTypeParser(oid, format);
  }) as typeof pg.types.getTypeParser,
};

export interface Queryable {
  query<Row extends pg.QueryResultRow>(config: pg.QueryConfig): Promise<pg.QueryResult<Row>>;
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<pg.QueryResult<Row>>;
}

/**
 * Every statement of the hot path finds its rows by index and is sent thousands of times: planning each anew would cost
 * more than running it, and a plan made while the tables were empty must not scan them for ever. Only plain index scans
 * mark the dead entries that they meet, which keeps the partial indexes short between two vacuums.
 */
const PLANNING = '-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_bitmapscan=off -c jit=off';

function connectionOptions(databaseUrl: string, name: string): pg.ClientConfig {
  return {
    connectionString: databaseUrl,
    application_name: name,
    types,
    options: PLANNING,
    // Without keep-alive a database host that vanishes is noticed only at the next answer that never comes.
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
  };
}

/** Pool whose idle connections may break without harm: the next query says so. */
export function createPool(databaseUrl: string, name: string, max: number): pg.Pool {
  const pool = new pg.Pool({ ...connectionOptions(databaseUrl, name), max });
  pool.on('error', () => undefined);
  // One that breaks while it is lent out tells whoever has it, by the query that fails.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** A connection of one's own. Statements are sent without waiting for the answers to those before them. */
export async function connectClient(databaseUrl: string, name: string): Promise<pg.Client> {
  const client = new pg.Client({ ...connectionOptions(databaseUrl, name), pipeline: true } as pg.ClientConfig);
  await client.connect();
  return client;
}

/** Sends the statements that `send` asks of a pipelining connection in one packet, so that each side is woken once. */
export function together<Answer>(client: pg.ClientBase, send: () => Answer): Answer {
  const { stream } = (client as unknown as { connection: { stream: Writable } }).connection;
  stream.cork();
  try {
    return send();
  } finally {
    stream.uncork();
  }
}

/** Runs `work` in one transaction. */
export async function inTransaction<Result>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    client.release();
    return result;
  } catch (error) {
    // A connection in an unknown state is not given to the next one.
    client.release(true);
    throw error;
  }
}
