import type pg from 'pg';

type Database = Pick<pg.Pool, 'query'>;

/** A user who has arrived and whose run has not been started yet. */
export interface ArrivedUser {
  user_id: number;
  application_id: string;
  arrived_at: Date;
}

/**
 * Creates the demo's table in a separate schema if it does not exist. A user whose `arrived_at` is in the future is expected, but has not
 * arrived yet.
 */
export async function createArrivals(db: Database): Promise<void> {
  // Without the lock, two processes that start at once would both find no schema, and one would fail.
  await db.query(`
    do $$ begin
      perform pg_advisory_xact_lock(hashtext('runbeat demo'));
      create schema if not exists demo;
      create table if not exists demo.user_arrival (
        user_id        integer generated always as identity primary key,
        application_id text not null default 'app-' || substr(md5(random()::text), 1, 8),
        arrived_at     timestamptz not null default clock_timestamp(),
        triggered_at   timestamptz
      );
      create index if not exists user_arrival_waiting on demo.user_arrival (user_id) where triggered_at is null;
    end $$`);
}

/** Lets `count` users arrive and returns their ids. */
export async function arrive(db: Database, count: number): Promise<number[]> {
  const { rows } = await db.query<{ user_id: number }>(
    'insert into demo.user_arrival (arrived_at) select clock_timestamp() from generate_series(1, $1::int) returning user_id',
    [count],
  );
  return rows.map((row) => row.user_id);
}

/** Users who have arrived and whose runs have not been started yet, oldest first. */
export async function arrivedUsers(db: Database, limit: number): Promise<ArrivedUser[]> {
  const { rows } = await db.query<ArrivedUser>(
    `select user_id, application_id, arrived_at from demo.user_arrival
      where triggered_at is null and arrived_at <= clock_timestamp() order by user_id limit $1`,
    [limit],
  );
  return rows;
}

/** Notes that the users' runs exist. */
export async function markTriggered(db: Database, userIds: number[]): Promise<void> {
  await db.query(
    'update demo.user_arrival set triggered_at = clock_timestamp() where user_id = any($1) and triggered_at is null',
    [userIds],
  );
}
