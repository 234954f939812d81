import pg from 'pg';
import { parseJson } from '../../platform/json.ts';
import type { Logger } from '../../platform/log.ts';
import { untilAvailable } from '../../platform/postgres/faults.ts';
import { openClient, openPool, type ConnectionOptions } from '../../platform/postgres/connect.ts';
import { resultTypes } from '../../platform/postgres/resultTypes.ts';
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
 * Every statement of the hot path finds its rows by index and is sent thousands of times. Planning it each time would cost more than
 * running it, and a plan that was made while the tables were empty must not keep scanning them. Only plain index scans mark dead
 * entries, which keeps the partial indexes short between two vacuums.
 */
const PLANNING = '-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_bitmapscan=off -c jit=off';

/**
 * The statements rely on these meanings. A site may have set other defaults for the role or the database, such as a stricter isolation
 * level, under which a pass would not see what was committed while it waited for a lock.
 */
const MEANING =
  '-c default_transaction_isolation=read\\ committed -c array_nulls=on -c standard_conforming_strings=on -c lock_timeout=0';

/** Ids are numbers here, and numbers in JSON keep all their digits. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text') => {
    const isJson = oid === pg.types.builtins.JSON || oid === pg.types.builtins.JSONB;
    return isJson ? parseJson : resultTypes.getTypeParser(oid, format);
  }) as typeof pg.types.getTypeParser,
};

/**
 * Every statement of a service takes milliseconds. A statement that takes longer than this, or an idle transaction, holds locks that
 * others wait for, so the server ends it. The server also notices within this time that the machine of a client has vanished.
 */
const LIMITS =
  '-c statement_timeout=25s -c idle_in_transaction_session_timeout=25s -c tcp_user_timeout=25s ' +
  '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3';
/** How long to wait for an answer, because a server that has vanished can't report that the time is up. */
const ANSWER_MS = 28_000;

export interface PoolOptions {
  /** Removes the time limit for statements, for work that may take any time. */
  unlimited?: boolean;
  /** Number of idle connections to keep open; by default none. */
  kept?: number;
}

function connectionOptions(databaseUrl: string, name: string, { unlimited = false }: PoolOptions): ConnectionOptions {
  const options = { url: databaseUrl, name, types };
  if (unlimited) return { ...options, startOptions: `${MEANING} ${PLANNING} -c statement_timeout=0` };
  return { ...options, queryTimeoutMs: ANSWER_MS, startOptions: `${MEANING} ${PLANNING} ${LIMITS}` };
}

/** A pool whose connections may break at any time. The next query reports it. */
export function createPool(databaseUrl: string, name: string, max: number, options: PoolOptions = {}): pg.Pool {
  return openPool({ ...connectionOptions(databaseUrl, name, options), max, kept: options.kept });
}

/** A separate, pipelining connection: statements are sent without waiting for the answers to earlier ones. */
export function connectClient(databaseUrl: string, name: string): Promise<pg.Client> {
  return openClient({ ...connectionOptions(databaseUrl, name, {}), pipeline: true });
}

/** How long a connection may take to close. */
const CLOSE_MS = 1_000;

/** Closes a connection, even if its host no longer answers. */
export async function closeClient(client: pg.Client): Promise<void> {
  const impatient = setTimeout(() => streamOf(client).destroy(), CLOSE_MS);
  await client.end().catch(() => undefined);
  clearTimeout(impatient);
}
