import type pg from 'pg';
import { decide } from '../core/decide.ts';
import type { Blocked, Decision } from '../core/state.ts';
import { together, type Queryable } from '../store/database.ts';
import { beginPass, promoteRuns, readState, writeDecision, type PassState } from '../store/pass.ts';
import type { VersionCache } from '../store/versions.ts';

/** Runs that one pass starts at most: creating their task instances is most of what a flood costs, and other lanes share the database. */
const PROMOTE_LIMIT = 10;

export interface PassRequest {
  lane: string;
  runIds: readonly number[];
  lost: ReadonlyMap<number, number>;
  promote: boolean;
  /** Pools that this scheduler's DAGs are known to use. */
  pools: Set<string>;
}

/** Counts of one pass. */
export interface PassReport {
  /** Statements sent to the database, transaction control apart. */
  queries: number;
  runs: number;
  moved: number;
  queued: number;
  ended: number;
  started: number;
  /** More may wait to be started than one pass does. */
  moreToStart: boolean;
  blocked: Blocked[];
  /** Milliseconds until a run that was looked at has something due. */
  nextDueMs: number | null;
  seen: number[];
  /** Pools whose lock the next pass must take, too. */
  wantedPools: Set<string>;
}

/**
 * One scheduling pass in one transaction: lock, start waiting runs, read, decide, write. The number of statements is the
 * same for one run and for a thousand.
 */
export async function runPass(
  client: pg.ClientBase,
  versions: VersionCache,
  request: PassRequest,
): Promise<PassReport> {
  const queries = { count: 0 };
  const counted = counting(client, queries);
  try {
    // Sent together, answered in order: a pass waits for the database twice, for what is and for what it wrote.
    const { seen, started, state } = await read(client, counted, request);
    await versions.load(
      counted,
      state.runs.map((run) => run.dagVersionId),
    );
    const decision = decide(
      { ...state, heldPools: request.pools, lost: request.lost },
      (id) => versions.get(id)!.definition.tasks,
    );
    // After a failed write the commit is a rollback, and the write's own error is the one that is thrown.
    await together(client, () =>
      Promise.all([writeDecision(counted, decision, state.runs), client.query(commitOf(decision, started))]),
    );
    return report(decision, { queries: queries.count, started, seen, runs: state.runs.length });
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

/**
 * What a pass only puts into the queue need not wait for the disk: nobody acts on it but by a later commit, and that one
 * takes all earlier ones to the disk with it. A crash of the server before that leaves what was there before the pass.
 */
function commitOf({ moves, ends }: Decision, started: readonly number[]): string {
  const onlyQueues = moves.every((move) => move.toState === 'queued') && ends.length === 0 && started.length === 0;
  return onlyQueues ? 'set local synchronous_commit = off; commit' : 'commit';
}

async function read(
  client: pg.ClientBase,
  counted: Queryable,
  request: PassRequest,
): Promise<{ seen: number[]; started: number[]; state: PassState }> {
  const { lane, pools, promote } = request;
  if (!promote) {
    const seen = [...request.runIds];
    const [, state] = await together(client, () =>
      Promise.all([beginPass(counted, lane, pools), readState(counted, lane, seen)]),
    );
    return { seen, started: [], state };
  }
  const [, started] = await together(client, () =>
    Promise.all([beginPass(counted, lane, pools), promoteRuns(counted, lane, PROMOTE_LIMIT)]),
  );
  const seen = [...new Set([...request.runIds, ...started])];
  return { seen, started, state: await readState(counted, lane, seen) };
}

function report(
  decision: Decision,
  pass: { queries: number; started: number[]; seen: number[]; runs: number },
): PassReport {
  return {
    queries: pass.queries,
    runs: pass.runs,
    moved: decision.moves.length,
    queued: decision.moves.filter((move) => move.toState === 'queued').length,
    ended: decision.ends.length,
    started: pass.started.length,
    moreToStart: pass.started.length >= PROMOTE_LIMIT,
    blocked: decision.blocked,
    nextDueMs: decision.nextDueMs,
    seen: pass.seen,
    wantedPools: decision.wantedPools,
  };
}

/** The same connection, counting the statements that carry values (begin and commit carry none). */
function counting(client: pg.ClientBase, queries: { count: number }): Queryable {
  const query = (config: unknown, values?: unknown): unknown => {
    if (typeof config !== 'string' || values !== undefined) queries.count++;
    return (client.query as (config: unknown, values?: unknown) => unknown).call(client, config, values);
  };
  return { query: query as Queryable['query'] };
}
