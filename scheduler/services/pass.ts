import type pg from 'pg';
import { decide } from '../core/decide.ts';
import type { Blocked, Decision } from '../core/passTypes.ts';
import { together } from '../../platform/postgres/pipeline.ts';
import type { Queryable } from '../store/database.ts';
import { promoteRuns, writeDecision } from '../store/pass.ts';
import { readState, type PassState } from '../store/passState.ts';
import { beginPass, commitPass, rollBackPass } from '../store/passTransaction.ts';
import type { VersionCache } from '../store/versions.ts';

/** Maximum number of runs that one pass starts. Creating their task instances is expensive, and other lanes share the database. */
export const PROMOTE_LIMIT = 10;

export interface PassRequest {
  lane: string;
  runIds: readonly number[];
  abandoned: ReadonlyMap<number, number>;
  /** Whether to start waiting runs, or which of them. */
  promote: boolean | readonly number[];
  /** Pools that this scheduler's DAGs are known to use. */
  pools: Set<string>;
}

/** Counts of one pass. */
export interface PassReport {
  /** Statements sent to the database, without transaction control. */
  queries: number;
  runs: number;
  moved: number;
  queued: number;
  ended: number;
  started: number;
  /** Whether more runs may wait than one pass starts. */
  moreToStart: boolean;
  blocked: Blocked[];
  /** Milliseconds until something is due in the examined runs. */
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
    // Statements are pipelined, so a pass waits for the database only twice: for the reads and for the writes.
    const { seen, started, state } = await read(client, counted, request);
    const known = await versions.load(
      counted,
      state.runs.map((run) => run.dagVersionId),
    );
    const decision = decide(
      { ...state, heldPools: request.pools, abandoned: request.abandoned },
      (id) => known.get(id)!.definition.tasks,
    );
    // After a failed write, the commit is a rollback, and the error of the write is thrown.
    await together(client, () =>
      Promise.all([
        writeDecision(counted, decision, state.runs),
        commitPass(client, { durable: !onlyQueues(decision, started) }),
      ]),
    );
    return report(decision, { queries: queries.count, started, seen, runs: state.runs.length });
  } catch (error) {
    await rollBackPass(client);
    throw error;
  }
}

/** Whether the pass only queues tasks. It need not be durable: nothing acts on it without a later commit, which makes it durable. */
function onlyQueues({ moves, ends }: Decision, started: readonly number[]): boolean {
  return moves.every((move) => move.toState === 'queued') && ends.length === 0 && started.length === 0;
}

async function read(
  client: pg.ClientBase,
  counted: Queryable,
  request: PassRequest,
): Promise<{ seen: number[]; started: number[]; state: PassState }> {
  const { lane, pools, promote } = request;
  if (promote === false) {
    const seen = [...request.runIds];
    const [, state] = await together(client, () =>
      Promise.all([beginPass(counted, lane, pools), readState(counted, lane, seen)]),
    );
    return { seen, started: [], state };
  }
  const [, started] = await together(client, () =>
    Promise.all([
      beginPass(counted, lane, pools),
      promoteRuns(counted, lane, { limit: PROMOTE_LIMIT, runIds: promote === true ? null : promote }),
    ]),
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

/** The same connection, counting the statements with values (begin and commit have none). */
function counting(client: pg.ClientBase, queries: { count: number }): Queryable {
  const query = (config: unknown, values?: unknown): unknown => {
    if (typeof config !== 'string' || values !== undefined) queries.count++;
    return (client.query as (config: unknown, values?: unknown) => unknown).call(client, config, values);
  };
  return { query: query as Queryable['query'] };
}
