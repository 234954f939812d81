import pg from 'pg';

export interface ConnectionLimits {
  /** Connections that the exporter may hold on the observed database; 1 unless told otherwise. */
  connections: number;
  /** Longest statement, in milliseconds; a database that hangs is given up a moment later. */
  statementTimeoutMs: number;
}

/** bigint as a number: ids, transaction ids and microseconds all stay far below 2^53. */
const INT8_OID = 20;

/**
 * Connections to an observed database. They are read-only by themselves, whatever the role may do, give up rather than
 * wait for locks, and leave compilation of queries (jit) alone: it costs more than these short queries.
 */
export function openSource(url: string, name: string, limits: ConnectionLimits): pg.Pool {
  const settings = [
    'default_transaction_read_only = on',
    `statement_timeout = ${limits.statementTimeoutMs}`,
    'lock_timeout = 1000',
    'idle_in_transaction_session_timeout = 30000',
    'jit = off',
  ];
  const pool = new pg.Pool({
    connectionString: url,
    max: limits.connections,
    application_name: `runbeat exporter (${name})`.slice(0, 63),
    connectionTimeoutMillis: limits.statementTimeoutMs,
    query_timeout: limits.statementTimeoutMs + 2_000,
    keepAlive: true,
    // Awaited by the pool before it hands the connection out.
    onConnect: (client) => client.query(settings.map((setting) => `set ${setting};`).join(' ')) as unknown as void,
    types: { getTypeParser: parserOf } as pg.CustomTypesConfig,
  });
  // A connection that dies while idle is replaced at the next query, which reports what is wrong.
  pool.on('error', () => undefined);
  // One that dies in use, between two queries, fails the next of them; unheard it would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

function parserOf(oid: number, format: 'text' | 'binary'): unknown {
  return oid === INT8_OID ? Number : pg.types.getTypeParser(oid, format as 'text');
}

/** All that `use` reads is of one moment. */
export async function inSnapshot<Result>(
  pool: pg.Pool,
  use: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  let broken = true;
  try {
    await client.query('begin isolation level repeatable read read only');
    const result = await use(client);
    await client.query('commit');
    broken = false;
    return result;
  } finally {
    // One that failed may be in the middle of anything.
    client.release(broken);
  }
}
