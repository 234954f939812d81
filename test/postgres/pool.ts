import pg from 'pg';

/**
 * A pool that may exist for longer than its server. After `pool.end()`, a connection that notices the server's end emits an error,
 * which would be an uncaught exception of the whole test run without a listener.
 */
export function openPool(connectionString: string, max: number): pg.Pool {
  return new pg.Pool({ connectionString, max }).on('error', () => undefined);
}
