import pg from 'pg';
import { together } from './pipeline.ts';

type Query = string | pg.QueryConfig;

/**
 * A pool for servers that may be behind PgBouncer in transaction mode, where another client gets the connection after each transaction.
 * That client would get any state of the session: a `SET`, a prepared statement, an advisory lock. So every statement runs in its own
 * transaction, which begins with `begin` and its `set local`s, and no statement has a name. In statement mode, PgBouncer refuses
 * transactions with an error.
 *
 * A pool with `pipeline` sends the three statements in one packet, since the round trip takes longer than most answers.
 * It cannot copy rows from or to the server.
 */
export class StatelessPool extends pg.Pool {
  constructor(
    config: pg.PoolConfig,
    /** Begins a transaction: `begin …; set local …`, in one message. */
    readonly begin: string,
  ) {
    super(config);
    this.query = ((query: Query, values?: unknown[]) => this.queryAlone(query, values)) as unknown as pg.Pool['query'];
  }

  private async queryAlone(query: Query, values?: unknown[]): Promise<pg.QueryResult> {
    const client = await this.connect();
    let usable = false;
    try {
      const result = await this.send(client, query as string, values);
      usable = true;
      return result;
    } finally {
      // Close the connection if its statement failed, so that PgBouncer rolls back on the server.
      client.release(!usable);
    }
  }

  private async send(client: pg.PoolClient, query: string, values?: unknown[]): Promise<pg.QueryResult> {
    if (this.options.pipeline) {
      const [, result] = await together(client, () =>
        // After a statement that failed, the commit is a rollback.
        Promise.all([client.query(this.begin), client.query(query, values), client.query('commit')]),
      );
      return result;
    }
    await client.query(this.begin);
    const result = await client.query(query, values);
    await client.query('commit');
    return result;
  }
}
