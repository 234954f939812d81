import { groupedBy } from '../../shared/groupedBy.ts';
import type { Micros } from '../sources/rows.ts';
import type { Verdict } from './verdict.ts';

/** A value of a business key that has arrived. */
export interface Arrival {
  /** The run that brought it. */
  run: number;
  value: string;
  /** When that run was requested. */
  atUs: Micros;
}

/** A success of the DAG that decides, for one value. */
export interface Decision {
  run: number;
  value: string;
  endUs: Micros;
}

export type JourneyVerdict = Verdict & { arrival: Arrival };

/**
 * Judges each arrival once: kept by the first decision in time, broken when the limit has passed. A run only decides on arrivals
 * that are not newer than itself. Ids of runs ascend, so the clocks of several hosts do not matter. While the DAG that decides is
 * paused, no arrival breaks the promise.
 */
export function judgeArrivals(
  open: readonly Arrival[],
  decisions: readonly Decision[],
  limitUs: Micros,
  readUntilUs: Micros,
  isPaused: boolean,
): JourneyVerdict[] {
  const byValue = groupedBy(decisions, ({ value }) => value);
  const verdicts: JourneyVerdict[] = [];
  for (const arrival of open) {
    const dueUs = arrival.atUs + limitUs;
    const own = byValue.get(arrival.value);
    const endUs = own ? firstEnd(own, arrival) : Infinity;
    const isUp = endUs < Infinity || (readUntilUs > dueUs && !isPaused);
    if (!isUp) continue;
    const kept = endUs <= dueUs;
    verdicts.push({ run: arrival.run, day: null, arrival, kept, atUs: kept ? endUs : dueUs });
  }
  return verdicts;
}

function firstEnd(decisions: readonly Decision[], arrival: Arrival): Micros {
  const own = decisions.filter(({ run }) => run >= arrival.run);
  return Math.min(Infinity, ...own.map(({ endUs }) => endUs));
}
