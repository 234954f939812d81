import pg from 'pg';
import { together } from './pipeline.ts';

type Query = string | pg.QueryConfig;

/**
 * A pool for servers that may stand behind PgBouncer in transaction mode, where the connection of one transaction serves
 * somebody else's next one. Whatever a session keeps would reach that client: a `SET`, a prepared statement, an advisory
 * lock. So every statement runs in a transaction of its own that begins with `begin` and its `set local`s, and nothing
 * has a name. In statement mode, PgBouncer refuses transactions with an error.
 *
 * A pool that pipelines sends the three in one packet: a way to the server and back takes longer than most of the answers.
 * It can't copy rows from or to the server.
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
      const result = await this.send(client, query as string, values);
      usable = true;
      return result;
    } finally {
      // A connection whose statement failed is closed: PgBouncer then rolls the server's back.
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
