import pg from 'pg';
import type { Queryable } from './database.ts';

/** Advisory locks of scheduling passes; the second key is the hash of a lane or pool. */
const LOCK_CLASS = 72_614;
/** Advisory locks of workers that decide on follow-ons in a run; the second key is the hash of its id. */
const RUN_LOCK_CLASS = 72_615;

/**
 * Begins a pass. Passes of one lane, and passes that fill the same pool, run one after the other, so the counts that a pass reads stay
 * true until it commits. The read must be a later statement than the lock. Otherwise, it would see the state from before the wait.
 */
export async function beginPass(client: Queryable, lane: string, pools: Iterable<string>): Promise<void> {
  const locks = [laneKey(lane), ...[...pools].sort().map((pool) => `pool:${pool}`)].map(lockOf);
  // Without values, the two statements can be sent as one message.
  await client.query({ text: `begin; select ${locks.join()}` });
}

/** Blocks the passes of a lane until the transaction ends, for other code that changes active runs. */
export async function lockLane(client: Queryable, lane: string): Promise<void> {
  await client.query({ text: `select ${lockOf(laneKey(lane))}` });
}

const laneKey = (lane: string): string => `lane:${lane}`;

const lockOf = (key: string): string => `pg_advisory_xact_lock(${LOCK_CLASS}, hashtext(${pg.escapeLiteral(key)}))`;

/**
 * SQL that tries to take the shared lock of a key (`lane:NAME` or `pool:NAME`, as SQL) and returns whether it succeeded. It never
 * waits. A pass takes the same lock exclusively.
 */
export function tryShareLock(key: string): string {
  return `pg_try_advisory_xact_lock_shared(${LOCK_CLASS}, hashtext(${key}))`;
}

/**
 * SQL that tries to lock a run (its id, as SQL) against other workers and returns whether it succeeded. It never waits. A row lock
 * would require the right to update the row.
 */
export function tryHoldRun(id: string): string {
  return `pg_try_advisory_xact_lock(${RUN_LOCK_CLASS}, hashint8(${id}))`;
}

/**
 * Commits a pass. If it need not be `durable`, it doesn't wait for the disk; the next durable commit flushes it, too. If the server
 * crashes before that, the state from before the pass remains.
 */
export async function commitPass(client: Queryable, { durable }: { durable: boolean }): Promise<void> {
  await client.query(durable ? 'commit' : 'set local synchronous_commit = off; commit');
}

/** Rolls back a failed pass. Never rejects, because the original error is the one to report. */
export async function rollBackPass(client: Queryable): Promise<void> {
  await client.query('rollback').catch(() => undefined);
}
