import pg from 'pg';

type Query = string | pg.QueryConfig;

/**
 * A pool for servers that may stand behind PgBouncer in transaction mode, where the connection of one transaction serves
 * somebody else's next one. Whatever a session keeps would reach that client: a `SET`, a prepared statement, an advisory
 * lock. So every statement runs in a transaction of its own that begins with `begin` and its `set local`s, and nothing
 * has a name. In statement mode, PgBouncer refuses transactions with an error.
 */
export class StatelessPool extends pg.Pool {
  constructor(
    config: pg.PoolConfig,
    /** Opens a transaction: `begin …; set local …`, in one message. */
    readonly begin: string,
  ) {
    super(config);
    this.query = ((query: Query, values?: unknown[]) => this.queryAlone(query, values)) as unknown as pg.Pool['query'];
  }

  private async queryAlone(query: Query, values?: unknown[]): Promise<pg.QueryResult> {
    const client = await this.connect();
    let usable = false;
    try {
      await client.query(this.begin);
      const result = await client.query(query as string, values);
      await client.query('commit');
      usable = true;
      return result;
    } finally {
      // A connection whose statement failed is closed: PgBouncer then rolls the server's back.
      client.release(!usable);
    }
  }
}
