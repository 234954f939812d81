import pg from 'pg';
import { TargetClient, configOf, type TargetConfig } from './client.ts';
import { resultTypes } from './resultTypes.ts';
import { StatelessPool } from './statelessPool.ts';
import { parseDatabaseUrl } from './url.ts';

export interface ConnectionOptions {
  url: string;
  /** Shown by the server as `application_name`. */
  name: string;
  /** Time limit for connecting. */
  connectTimeoutMs?: number;
  /** Time limit for an answer, after which the connection is given up. By default there is none. */
  queryTimeoutMs?: number;
  /** Start-up options such as `-c jit=off`, only for our own databases, because poolers such as PgBouncer refuse them. */
  startOptions?: string;
  /** Parsers for values; by default, ids are read as numbers. */
  types?: pg.CustomTypesConfig;
  /** Whether to send statements without waiting for the answers to earlier ones. */
  pipeline?: boolean;
}

export interface PoolOptions extends ConnectionOptions {
  max: number;
  /** Number of idle connections to keep open; by default none. */
  kept?: number;
}

/** PostgreSQL truncates longer names. */
const NAME_LENGTH = 63;
const CONNECT_TIMEOUT_MS = 10_000;
/** With Node's ten probes, one per second, a host that has vanished is noticed after 20 s. */
const KEEP_ALIVE_AFTER_MS = 10_000;

/** A pool whose connections may break at any time: the next query on one fails. */
export function openPool(options: PoolOptions): pg.Pool {
  return listening(new pg.Pool(poolConfig(options)));
}

/** A pool that leaves no state on its connections; see StatelessPool. */
export function openStatelessPool(options: PoolOptions, begin: string): StatelessPool {
  return listening(new StatelessPool(poolConfig(options), begin));
}

function listening<Pool extends pg.Pool>(pool: Pool): Pool {
  pool.on('error', ignore);
  // Add the listener before the pool does, because a connection may be cut right after its login.
  pool.on('connect', (client) => client.on('error', ignore));
  return pool;
}

/** A separate connection. It may break at any time; the next query then fails, and 'end' is emitted. */
export async function openClient(options: ConnectionOptions): Promise<pg.Client> {
  const client = new TargetClient(driverConfig(options));
  // Listen from the start: the connection may be cut between the login and the caller's own listener, and an unhandled
  // 'error' event would end the process.
  client.on('error', ignore);
  await client.connect();
  return client;
}

/** Lends a connection to `use` and closes it afterwards. */
export async function withClient<Result>(
  options: ConnectionOptions,
  use: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = await openClient(options);
  try {
    return await use(client);
  } finally {
    await client.end().catch(ignore);
  }
}

function poolConfig(options: PoolOptions): pg.PoolConfig {
  const Client = TargetClient as unknown as pg.PoolConfig['Client'];
  return { ...driverConfig(options), max: options.max, min: options.kept, Client };
}

function driverConfig(options: ConnectionOptions): TargetConfig {
  const target = parseDatabaseUrl(options.url);
  const startOptions = [target.options, options.startOptions].filter(Boolean).join(' ');
  return {
    ...configOf(target),
    ...(startOptions ? { options: startOptions } : {}),
    ...(options.pipeline ? { pipeline: true } : {}),
    application_name: (target.applicationName ?? options.name).slice(0, NAME_LENGTH),
    connectionTimeoutMillis: target.connectTimeoutMs ?? options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    query_timeout: options.queryTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    types: options.types ?? resultTypes,
  };
}

function ignore(): void {}
