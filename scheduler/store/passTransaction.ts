import pg from 'pg';
import type { Queryable } from './database.ts';

/** Advisory locks of scheduling passes; the second key is the hash of a lane or pool. */
const LOCK_CLASS = 72_614;
/** Advisory locks of workers that decide what follows in a run; the second key is the hash of its id. */
const RUN_LOCK_CLASS = 72_615;

/**
 * Opens a pass. Passes of one lane, and passes that fill the same pool, go one after the other: the counts that a pass
 * reads stay true until it commits. The read must be a later statement than the lock, or it would see the state from
 * before the wait.
 */
export async function beginPass(client: Queryable, lane: string, pools: Iterable<string>): Promise<void> {
  const locks = [laneKey(lane), ...[...pools].sort().map((pool) => `pool:${pool}`)].map(lockOf);
  // Without values these two travel as one message.
  await client.query({ text: `begin; select ${locks.join()}` });
}

/** Holds off the passes of a lane until the transaction ends: for other code that changes active runs. */
export async function lockLane(client: Queryable, lane: string): Promise<void> {
  await client.query({ text: `select ${lockOf(laneKey(lane))}` });
}

const laneKey = (lane: string): string => `lane:${lane}`;

const lockOf = (key: string): string => `pg_advisory_xact_lock(${LOCK_CLASS}, hashtext(${pg.escapeLiteral(key)}))`;

/**
 * As SQL, whether this transaction now shares the lock of a key (`lane:NAME` or `pool:NAME`, as SQL) with others that do the
 * same. It never waits: a pass has the lock for itself.
 */
export function tryShareLock(key: string): string {
  return `pg_try_advisory_xact_lock_shared(${LOCK_CLASS}, hashtext(${key}))`;
}

/**
 * As SQL, whether this transaction now holds a run (its id, as SQL) against other workers. It never waits. A lock of the row
 * would need the right to write it.
 */
export function tryHoldRun(id: string): string {
  return `pg_try_advisory_xact_lock(${RUN_LOCK_CLASS}, hashint8(${id}))`;
}

/**
 * Ends a pass. One that need not be `durable` doesn't wait for the disk; the next durable commit takes it there, too. A
 * crash of the server before that leaves the state from before the pass.
 */
export async function commitPass(client: Queryable, { durable }: { durable: boolean }): Promise<void> {
  await client.query(durable ? 'commit' : 'set local synchronous_commit = off; commit');
}

/** Ends a failed pass. Never rejects: the error that made it fail is the one to report. */
export async function rollBackPass(client: Queryable): Promise<void> {
  await client.query('rollback').catch(() => undefined);
}
