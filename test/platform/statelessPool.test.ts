import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStatelessPool } from '../../platform/postgres/connect.ts';
import type { StatelessPool } from '../../platform/postgres/statelessPool.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.pool.query('create table item (id bigint primary key)');
});
afterAll(() => database.drop());

describe.each([
  ['that waits for each answer', false],
  ['that sends a transaction as a whole', true],
])('a pool %s', (_, pipeline) => {
  let pool: StatelessPool;
  beforeAll(async () => {
    const options = { url: database.url, name: 'stateless', max: 1, queryTimeoutMs: 5_000, pipeline };
    pool = openStatelessPool(options, `begin; set local application_name = 'within'`);
    await pool.query('truncate item');
  });
  afterAll(() => pool.end());

  const nameNow = async (ask: (sql: string) => Promise<{ rows: { name: string }[] }>): Promise<string> =>
    (await ask(`select current_setting('application_name') as name`)).rows[0]!.name;

  it('runs statements with settings that do not remain in the session', async () => {
    expect(await nameNow((sql) => pool.query(sql))).toBe('within');
    const client = await pool.connect();
    expect(await nameNow((sql) => client.query(sql))).toBe('stateless');
    client.release();
  });

  it('returns the result of each concurrent statement to its caller', async () => {
    const asked = Array.from({ length: 20 }, (_, n) => pool.query<{ n: number }>('select $1::int as n', [n]));
    expect((await Promise.all(asked)).map(({ rows }) => rows[0]!.n)).toEqual(asked.map((_, n) => n));
  });

  it('commits successful statements and rolls back failed ones', async () => {
    await pool.query('insert into item values ($1)', [1]);
    await expect(pool.query('insert into item values ($1), ($2)', [2, 1])).rejects.toMatchObject({ code: '23505' });
    await expect(pool.query('select nothing')).rejects.toMatchObject({ code: '42703' });
    expect((await pool.query('select id from item')).rows).toEqual([{ id: 1 }]);
  });

  it('reports the error of a server that closes the connection, and then connects again', async () => {
    const cut = pool.query('select pg_terminate_backend(pg_backend_pid())');
    await expect(cut).rejects.toMatchObject({ code: '57P01' });
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });
});
