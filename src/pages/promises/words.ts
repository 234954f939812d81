import type { PromiseState, PromiseStatus } from '../../../shared/api.ts';
import { PAGES } from '../../../shared/grafana.ts';
import { lineText } from '../../components/lineText.ts';

type Promised = Pick<PromiseStatus, 'kind' | 'limit_seconds' | 'share' | 'done_by' | 'journey'>;

/** A promise as text: `95% of runs end within 3 min`. */
export function promiseWords({ kind, limit_seconds, share, done_by, journey }: Promised): string {
  const limit = lineText(limit_seconds ?? 0);
  switch (kind) {
    case 'ends_within':
      return `${percent(share)} of runs end within ${limit}`;
    case 'starts_within':
      return `${percent(share)} of runs start within ${limit}`;
    case 'succeeded_within':
      return `a run succeeds at least every ${limit}`;
    case 'journey':
      return `${percent(share)} of journeys${journey ? ` of ${journey.key} from ${journey.from}` : ''} end within ${limit}`;
    case 'done_by':
      return done_by ? `done by ${done_by.time} ${done_by.timezone}, ${done_by.days}` : 'done by a time of day';
  }
}

/** A share as a percentage. It is not rounded up, because 99.97% is not 100%. */
export function percent(share: number): string {
  return `${(Math.floor(share * 1000) / 10).toLocaleString('en')}%`;
}

export const STATE_LOOKS = {
  kept: { text: 'kept', color: 'green', icon: 'check' },
  at_risk: { text: 'at risk', color: 'orange', icon: 'clock-nine' },
  broken: { text: 'broken', color: 'red', icon: 'exclamation-triangle' },
  paused: { text: 'paused', color: 'blue', icon: 'pause' },
  unknown: { text: 'not judged yet', color: 'blue', icon: 'question-circle' },
} as const satisfies Record<PromiseState, { text: string; color: string; icon: string }>;

/** The worst first. */
export const BY_URGENCY: readonly PromiseState[] = ['broken', 'at_risk', 'unknown', 'paused', 'kept'];

export function urgencyOf(state: PromiseState): number {
  return BY_URGENCY.indexOf(state);
}

export function promiseKey({
  source,
  dag_id,
  promise,
  kind,
}: Pick<PromiseStatus, 'source' | 'dag_id' | 'promise' | 'kind'>) {
  return JSON.stringify([source, dag_id, promise, kind]);
}

export function promiseUrl({ promise, source, dag_id }: Pick<PromiseStatus, 'promise' | 'source' | 'dag_id'>): string {
  return `${PAGES.promises}?${new URLSearchParams({ promise, source, dag_id })}`;
}
