import { expect, it } from 'vitest';
import { openSource } from '../../exporter/sources/connection.ts';
import { createTestDatabase } from '../postgres/database.ts';

it('a connection that breaks between two queries fails the next query, not the process', async () => {
  const database = await createTestDatabase();
  const pool = openSource(database.url, 'db', { connections: 1, statementTimeoutMs: 1_000 });
  const client = await pool.connect();
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const ended = new Promise((resolve) => void client.once('end', () => resolve(null)));
  await database.pool.query('select pg_terminate_backend($1)', [rows[0]!.pid]);
  await ended;
  await expect(client.query('select 1')).rejects.toThrow();
  client.release(true);
  expect((await pool.query<{ one: number }>('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await pool.end();
  await database.drop();
});
