import type { RunDetail } from '../../../shared/api.ts';
import { epochOf } from '../../data/upstreamEnds.ts';

type Queued = Pick<RunDetail['run'], 'state' | 'queue_seconds' | 'queued_at' | 'now'>;

/** Seconds that a run has spent in the queue: until its start, or until now while it waits there. */
export function queuedFor({ state, queue_seconds, queued_at, now }: Queued): number | null {
  const since = epochOf(queued_at);
  return state === 'queued' && since !== null ? (epochOf(now)! - since) / 1000 : queue_seconds;
}
