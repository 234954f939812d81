import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../postgres/database.ts';
import { Locks } from './locked.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.pool.query(`create table dag_run (dag_id text, run_id text, state text);
    insert into dag_run values ('d', 'r', 'running'), ('d', 'other', 'running');
    create table dag (dag_id text);
    insert into dag values ('d'), ('other')`);
});
afterAll(() => database?.drop());

test.each([
  ['a run', "dag_run where run_id = 'r'", 'r', { dag_id: 'd', run_id: 'other' }],
  ['a DAG whose next run is due', "dag where dag_id = 'd'", null, { dag_id: 'other', run_id: null }],
])('%s is locked from the beginning of the transaction that holds its lock', async (_what, row, runId, free) => {
  const locks = new Locks(async (sql, values) => (await database.pool.query(sql, values as unknown[])).rows);
  const held = { dag_id: 'd', run_id: runId };
  await locks.look();
  expect(locks.of(held)).toEqual([]);
  const holder = await database.pool.connect();
  try {
    const { rows } = await holder.query<{ at: Date }>('begin').then(() => holder.query('select now() as at'));
    await holder.query(`select from ${row} for update skip locked`);
    await locks.look();
    await locks.look();
    const [lock, ...others] = locks.of(held);
    expect(Math.floor(lock!.from)).toBe(rows[0]!.at.getTime());
    expect(lock!.to).toBeGreaterThan(lock!.from);
    expect([others, locks.of(free)]).toEqual([[], []]);
  } finally {
    await holder.query('rollback');
    holder.release();
  }
});
