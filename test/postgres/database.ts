import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { openPool } from './pool.ts';

/** A database that only one test file uses. */
export interface TestDatabase {
  url: string;
  pool: pg.Pool;
  /** Ends the pool and drops the database; rejects if the code under test has left a connection open. */
  drop(): Promise<void>;
}

export interface DatabaseTraits {
  /** Settings that every session of the database begins with, such as `array_nulls = off`. */
  defaults?: readonly string[];
  encoding?: 'UTF8' | 'LATIN1' | 'SQL_ASCII';
}

export async function createTestDatabase({ defaults = [], encoding }: DatabaseTraits = {}): Promise<TestDatabase> {
  const adminUrl = inject('postgresUrl');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await withClient(adminUrl, async (admin) => {
    const encoded = encoding ? `encoding '${encoding}' lc_collate 'C' lc_ctype 'C' template template0` : '';
    await admin.query(`create database ${name} ${encoded}`);
    for (const setting of defaults) await admin.query(`alter database ${name} set ${setting}`);
  });
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  const pool = openPool(url.href, 4);
  const drop = async (): Promise<void> => {
    await pool.end();
    const leaked = await withClient(adminUrl, (admin) => leakedConnections(admin, name));
    await withClient(adminUrl, (admin) => admin.query(`drop database ${name} with (force)`));
    if (leaked.length > 0) throw new Error(`Connections left open on ${name}: ${leaked.join('; ')}`);
  };
  return { url: url.href, pool, drop };
}

/** The server may notice a closed socket late, so a connection counts as left open only if it stays. */
async function leakedConnections(admin: pg.Client, name: string): Promise<string[]> {
  const deadline = Date.now() + 2_000;
  for (;;) {
    const { rows } = await admin.query<{ what: string }>(
      `select format('%s (%s): %s', pid, application_name, left(query, 80)) as what
         from pg_stat_activity where datname = $1 and backend_type = 'client backend'`,
      [name],
    );
    if (rows.length === 0 || Date.now() > deadline) return rows.map(({ what }) => what);
    await admin.query('select pg_sleep(0.02)');
  }
}

async function withClient<Result>(url: string, use: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
