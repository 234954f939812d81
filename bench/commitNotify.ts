import { createPool, connectClient } from '../scheduler/store/database.ts';
import { percentile } from './figure.ts';

const ROUNDS = 300;

/**
 * A lower bound for any scheduler on PostgreSQL: the time from one durable commit with a notification until another connection receives
 * it. Median in milliseconds.
 */
export async function measureCommitNotify(databaseUrl: string): Promise<number> {
  const pool = createPool(databaseUrl, 'runbeat bench limit', 1);
  const listener = await connectClient(databaseUrl, 'runbeat bench limit');
  await pool.query('create table if not exists public.bench_limit (at timestamptz)');
  await listener.query('listen bench_limit');
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const notified = new Promise((resolve) => listener.once('notification', resolve));
    const started = performance.now();
    await pool.query(
      "with row as (insert into public.bench_limit values (clock_timestamp())) select pg_notify('bench_limit', '')",
    );
    await notified;
    times.push(performance.now() - started);
  }
  await listener.end();
  await pool.end();
  return percentile(times, 0.5);
}
