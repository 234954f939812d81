import { groupedBy } from '../../shared/groupedBy.ts';
import type { Micros } from '../sources/rows.ts';
import type { Arrival } from './journeys.ts';

/** Undecided arrivals of one journey, indexed by value and by moment, because there may be tens of thousands of them. */
export class OpenArrivals {
  /** In the order in which they came, with their places in it. */
  private readonly places = new Map<Arrival, number>();
  private readonly byValue = new Map<string, readonly Arrival[]>();
  /** Oldest first. Before `firstOpen`, and here and there behind it, are some that are no longer open. */
  private byMoment: Arrival[] = [];
  private firstOpen = 0;
  private nextPlace = 0;

  constructor(
    /** The business key whose values have arrived. */
    readonly key: string,
    arrivals: readonly Arrival[] = [],
  ) {
    this.add(arrivals);
  }

  get size(): number {
    return this.places.size;
  }

  /** In the order in which they came. */
  get all(): Arrival[] {
    return [...this.places.keys()];
  }

  /** Those with one of the values, and those that are older than a moment, in the order in which they came. */
  affectedBy(values: Iterable<string>, beforeUs: Micros): Arrival[] {
    const found = new Set<Arrival>();
    for (const value of values) for (const arrival of this.byValue.get(value) ?? []) found.add(arrival);
    for (let at = this.firstOpen; at < this.byMoment.length; at++) {
      const arrival = this.byMoment[at]!;
      if (arrival.atUs >= beforeUs) break;
      if (this.places.has(arrival)) found.add(arrival);
    }
    return [...found].sort((a, b) => this.places.get(a)! - this.places.get(b)!);
  }

  add(arrivals: readonly Arrival[]): void {
    if (arrivals.length === 0) return;
    for (const arrival of arrivals) this.places.set(arrival, this.nextPlace++);
    for (const [value, own] of groupedBy(arrivals, ({ value }) => value))
      this.byValue.set(value, [...(this.byValue.get(value) ?? []), ...own]);
    const oldestUs = arrivals.reduce((oldest, { atUs }) => Math.min(oldest, atUs), Infinity);
    // New arrivals are hardly ever older than known ones, so little has to be sorted again.
    const later = this.byMoment.splice(this.positionOf(oldestUs));
    for (const arrival of [...later, ...arrivals].sort((a, b) => a.atUs - b.atUs)) this.byMoment.push(arrival);
  }

  remove(arrivals: readonly Arrival[]): void {
    if (arrivals.length === 0) return;
    for (const arrival of arrivals) this.places.delete(arrival);
    for (const value of new Set(arrivals.map(({ value }) => value))) {
      const left = (this.byValue.get(value) ?? []).filter((arrival) => this.places.has(arrival));
      if (left.length > 0) this.byValue.set(value, left);
      else this.byValue.delete(value);
    }
    while (this.firstOpen < this.byMoment.length && !this.places.has(this.byMoment[this.firstOpen]!)) this.firstOpen++;
    // Removing each one would move all that come after it.
    if (this.byMoment.length > 2 * this.size) {
      this.byMoment = this.byMoment.filter((arrival) => this.places.has(arrival));
      this.firstOpen = 0;
    }
  }

  /** Where the first one stands that is newer than a moment. */
  private positionOf(us: Micros): number {
    let from = this.firstOpen;
    let to = this.byMoment.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.byMoment[middle]!.atUs > us) to = middle;
      else from = middle + 1;
    }
    return from;
  }
}
