import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../postgres/database.ts';
import { Locks } from './locked.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.pool.query(`create table dag_run (dag_id text, run_id text, state text);
    insert into dag_run values ('d', 'r', 'running'), ('d', 'other', 'running')`);
});
afterAll(() => database?.drop());

test('a run is locked since the transaction that holds its lock began', async () => {
  const locks = new Locks(async (sql, values) => (await database.pool.query(sql, values as unknown[])).rows);
  const run = { dag_id: 'd', run_id: 'r' };
  expect(await locks.since(run)).toBeNull();
  const holder = await database.pool.connect();
  try {
    const { rows } = await holder.query<{ at: Date }>('begin').then(() => holder.query('select now() as at'));
    await holder.query("select from dag_run where run_id = 'r' for update skip locked");
    expect(Math.floor((await locks.since(run))!)).toBe(rows[0]!.at.getTime());
    expect(await locks.since({ ...run, run_id: 'other' })).toBeNull();
  } finally {
    await holder.query('rollback');
    holder.release();
  }
});
