import pg from 'pg';
import { parseJson } from '../../platform/json.ts';
import type { Logger } from '../../platform/log.ts';
import { untilAvailable } from '../../platform/postgres/faults.ts';
import { openClient, openPool, type ConnectionOptions } from '../../platform/postgres/connect.ts';
import { int8AsNumber } from '../../platform/postgres/int8.ts';
import { streamOf } from '../../platform/postgres/pipeline.ts';

export interface Queryable {
  query<Row extends pg.QueryResultRow>(config: pg.QueryConfig): Promise<pg.QueryResult<Row>>;
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<pg.QueryResult<Row>>;
}

/** The same pool, for statements that may be sent twice: it waits while the database is unavailable. */
export function patientQueries(pool: pg.Pool, logger: Logger, signal: AbortSignal): Queryable {
  const query = (config: unknown, values?: unknown): Promise<unknown> =>
    untilAvailable(() => pool.query(config as string, values as unknown[]), logger, signal);
  return { query: query as Queryable['query'] };
}

/**
 * Every statement of the hot path finds its rows by index and is sent thousands of times: planning each again would cost
 * more than running it, and a plan made while the tables were empty must not keep scanning them. Only plain index scans
 * mark the dead entries that they meet, which keeps the partial indexes short between two vacuums.
 */
const PLANNING = '-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_bitmapscan=off -c jit=off';

/** Ids are numbers here, and numbers in JSON keep all their digits. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text') => {
    const isJson = oid === pg.types.builtins.JSON || oid === pg.types.builtins.JSONB;
    return isJson ? parseJson : int8AsNumber.getTypeParser(oid, format);
  }) as typeof pg.types.getTypeParser,
};

/**
 * Every statement of a service takes milliseconds. One that takes so long, or a transaction that stands still, holds locks
 * that others wait for, so the server ends it; and it notices within this time when the machine of a client has vanished.
 */
const LIMITS =
  '-c statement_timeout=25s -c idle_in_transaction_session_timeout=25s -c tcp_user_timeout=25s ' +
  '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3';
/** A server that vanished gives no answer, not even that the time is up. */
const ANSWER_MS = 28_000;

export interface PoolOptions {
  /** For work that may take any time: no limit for a statement. */
  unlimited?: boolean;
  /** Connections that stay open while nothing needs them; none when left out. */
  kept?: number;
}

function connectionOptions(databaseUrl: string, name: string, { unlimited = false }: PoolOptions): ConnectionOptions {
  const options = { url: databaseUrl, name, types };
  if (unlimited) return { ...options, startOptions: PLANNING };
  return { ...options, queryTimeoutMs: ANSWER_MS, startOptions: `${PLANNING} ${LIMITS}` };
}

/** Pool whose connections may break at any time: the next query says so. */
export function createPool(databaseUrl: string, name: string, max: number, options: PoolOptions = {}): pg.Pool {
  return openPool({ ...connectionOptions(databaseUrl, name, options), max, kept: options.kept });
}

/** A connection of one's own. Statements are sent without waiting for the answers to those before them. */
export function connectClient(databaseUrl: string, name: string): Promise<pg.Client> {
  return openClient({ ...connectionOptions(databaseUrl, name, {}), pipeline: true });
}

/** How long a connection may take to close. */
const CLOSE_MS = 1_000;

/** Closes a connection, also one whose host does not answer any more. */
export async function closeClient(client: pg.Client): Promise<void> {
  const impatient = setTimeout(() => streamOf(client).destroy(), CLOSE_MS);
  await client.end().catch(() => undefined);
  clearTimeout(impatient);
}
