import type { WaitingReason } from '../../../shared/api.ts';
import type { Micros, RunRow, TaskRow } from '../../sources/rows.ts';
import type { ActiveRun, Limit, SourceLimits } from './activeRun.ts';
import type { Intervals } from './intervals.ts';
import type { Turns } from './turns.ts';
import type { Windows } from './windows.ts';

/** Why something waits. Moments are by the source's clock. Sentences and names are only added on request (explain.ts). */
export interface Wait {
  reason: WaitingReason;
  /** For `scheduler`: since when it could have been acted on. */
  sinceUs: Micros | null;
  untilUs: Micros | null;
  /** The limit that is reached; null if the reason is not a limit. */
  limit: Limit | null;
  /** For `scheduler`: whether it has handled work that comes first since this could have been acted on. */
  isBehind: boolean;
}

/** Everything that waits are determined from, as of one poll. */
export interface Situation extends SourceLimits {
  nowUs: Micros;
  runs: readonly ActiveRun[];
  /** How much of each limit is in use, by Limit.key. */
  usage: ReadonlyMap<string, number>;
  /** When a run or a waiting task was last seen held back by something other than the scheduler. */
  heldAt: ReadonlyMap<string, Micros>;
  /** The poll before; null if this is the first one. */
  polledUs: Micros | null;
  /** For work that waited for the scheduler at the poll before: the last poll that had not seen this yet, null if there was none. */
  unseenAt: ReadonlyMap<string, Micros | null>;
  /** Which work has used each limit, and when. */
  intervals: Intervals;
  /** What the scheduler handled last, in its own order; null for a scheduler that handles everything in one pass. */
  turns: Turns | null;
  /** Which scheduled tasks of a run the scheduler looks at; null if it looks at all. */
  windows: Windows | null;
}

export function waits(reason: WaitingReason, sinceUs: Micros | null, untilUs: Micros | null = null): Wait {
  return { reason, sinceUs, untilUs, limit: null, isBehind: false };
}

/** A wait for the scheduler. `turnUs`: when it last handled work that comes first. */
export function waitsForTurn(readyUs: Micros | null, turnUs: Micros | null | undefined): Wait {
  const isBehind = turnUs != null && turnUs > (readyUs ?? -Infinity);
  return { ...waits('scheduler', latestOf(readyUs, turnUs)), isBehind };
}

export function runKey(run: Pick<RunRow, 'id'>): string {
  return `run:${run.id}`;
}

export function waitKey(task: Pick<TaskRow, 'run' | 'task_id' | 'map_index'>): string {
  return `wait:${task.run}\u0000${task.task_id}\u0000${task.map_index}`;
}

/**
 * The last poll that did not see that this work was ready, null if there was none. Databases and busy machines commit a row some time
 * after its timestamps were taken, and until then the scheduler can't see it either.
 */
export function lastUnseen(key: string, { unseenAt, polledUs }: Situation): Micros | null {
  return unseenAt.has(key) ? unseenAt.get(key)! : polledUs;
}

/** The latest of some moments, any of which may be unknown. */
export function latestOf(...moments: (Micros | null | undefined)[]): Micros | null {
  let latest: Micros | null = null;
  for (const moment of moments) if (moment != null && (latest === null || moment > latest)) latest = moment;
  return latest;
}
