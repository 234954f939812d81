import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type pg from 'pg';
import { openPool } from '../../platform/postgres/connect.ts';
import { inSavepoint, inTransaction } from '../../platform/postgres/transaction.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';

let database: TestDatabase;
let pool: pg.Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = openPool({ url: database.url, name: 'transactions', max: 1 });
  await pool.query('create table item (id bigint primary key, tags bigint[])');
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const ids = async (): Promise<number[]> =>
  (await pool.query<{ id: number }>('select id from item order by id')).rows.map(({ id }) => id);

describe('a transaction', () => {
  it('is rolled back as a whole if it fails, and its connection is used for the next one', async () => {
    const backend = async (): Promise<number> =>
      (await pool.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]!.pid;
    const before = await backend();
    const failing = inTransaction(pool, async (client) => {
      await client.query('insert into item values (1)');
      await client.query('insert into item values (1)');
    });
    await expect(failing).rejects.toMatchObject({ code: '23505' });
    expect(await ids()).toEqual([]);
    expect(await backend()).toBe(before);
  });

  it('discards a connection that broke during it', async () => {
    const broken = inTransaction(pool, async (client) => {
      await client.query('insert into item values (2)');
      await client.query('select pg_terminate_backend(pg_backend_pid())');
    });
    await expect(broken).rejects.toThrow();
    expect(await ids()).toEqual([]);
  });

  it('continues after a failed savepoint', async () => {
    await inTransaction(pool, async (client) => {
      await client.query('insert into item values (3, array[1, 2])');
      await inSavepoint(client, () => client.query('insert into item values (3)')).catch(() => undefined);
      await inSavepoint(client, () => client.query(`insert into item values (4, '{}')`));
    });
    const { rows } = await pool.query('select id, tags from item order by id');
    expect(rows).toEqual([
      { id: 3, tags: [1, 2] },
      { id: 4, tags: [] },
    ]);
  });
});
