import { groupedBy } from '../../shared/groupedBy.ts';
import type { ArrivalRow } from '../index/promiseRows.ts';
import type { Arrival } from './journeys.ts';
import type { ArrivalChange, ArrivingRuns } from './judgeJourneys.ts';
import { OpenArrivals } from './openArrivals.ts';
import { keyOf, type JourneyTarget } from './targets.ts';

/** What has arrived for the journeys of a source, as of the last poll. */
export class ArrivalBook {
  /** Undecided arrivals, by keyOf their target. */
  private open = new Map<string, OpenArrivals>();
  /** New runs of the DAGs in which values arrive, since the start of this process. */
  private readonly arriving = new Map<string, ArrivingRuns>();

  load(rows: readonly ArrivalRow[]): void {
    const byTarget = groupedBy(rows, ({ promise, dag_id }) => keyOf({ rule: { name: promise }, dag_id }));
    this.open = new Map(
      [...byTarget].map(([key, own]) => [
        key,
        new OpenArrivals(
          own[0]!.key,
          own.map(({ run, value, at_us }) => ({ run, value, atUs: at_us })),
        ),
      ]),
    );
  }

  openOf(target: JourneyTarget): OpenArrivals | null {
    const found = this.open.get(keyOf(target));
    // If the key differs, the promise was edited, and earlier arrivals no longer count.
    return found?.key === target.rule.key ? found : null;
  }

  /** The targets, as keyOf them, whose arrivals no journey waits for any more. */
  unawaited(journeys: readonly JourneyTarget[]): string[] {
    const awaited = new Map(journeys.map((target) => [keyOf(target), target.rule.key]));
    return [...this.open].filter(([key, open]) => awaited.get(key) !== open.key).map(([key]) => key);
  }

  forget(keys: readonly string[]): void {
    for (const key of keys) this.open.delete(key);
  }

  change(target: JourneyTarget, { added, removed }: ArrivalChange): void {
    const open = this.openOf(target) ?? new OpenArrivals(target.rule.key);
    open.remove(removed);
    open.add(added);
    if (open.size > 0) this.open.set(keyOf(target), open);
    else this.open.delete(keyOf(target));
  }

  arrivingAt(target: JourneyTarget): ArrivingRuns {
    return this.arriving.get(arrivingKey(target)) ?? { having: 0, lacking: 0 };
  }

  countArriving(target: JourneyTarget, { having, lacking }: ArrivingRuns): void {
    const before = this.arrivingAt(target);
    const after = { having: before.having + having, lacking: before.lacking + lacking };
    this.arriving.set(arrivingKey(target), after);
  }
}

export function arrivalRow({ rule, dag_id }: JourneyTarget, { run, value, atUs }: Arrival): ArrivalRow {
  return { promise: rule.name, dag_id, key: rule.key, value, run, at_us: atUs };
}

/** Key of a target that changes when the promise is edited. */
function arrivingKey({ rule, dag_id }: JourneyTarget): string {
  return JSON.stringify([rule.name, dag_id, rule.key, rule.from]);
}
