import pg from 'pg';

/**
 * A pool that outlives its server: a connection that is told of the server's end after `pool.end()` has nobody left to
 * tell, and unheard it would count as an uncaught exception of the whole test run.
 */
export function openPool(connectionString: string, max: number): pg.Pool {
  return new pg.Pool({ connectionString, max }).on('error', () => undefined);
}
