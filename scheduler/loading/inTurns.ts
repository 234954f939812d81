import { isDoneWithin } from '../../platform/time/within.ts';

export interface Turns {
  /** Number of items that run at once. */
  width: number;
  /** After this many milliseconds, an item counts as slow: it continues, but the next item starts, too. */
  patienceMs: number;
  /** Maximum number of slow items at the same time. */
  slow: number;
}

/**
 * Runs `work` for each item, in order, a few at a time. `early` resolves when only slow items are left, `all` when everything has
 * ended. `work` must not reject.
 */
export function inTurns<Item>(
  items: readonly Item[],
  { width, patienceMs, slow }: Turns,
  work: (item: Item) => Promise<void>,
): { early: Promise<void>; all: Promise<void> } {
  const waiting = [...items];
  const lingering = new Set<Promise<void>>();
  const takeNext = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      const done = work(item);
      if (await isDoneWithin(done, patienceMs)) continue;
      while (lingering.size >= slow) await Promise.race(lingering);
      const lasting = done.finally(() => lingering.delete(lasting));
      lingering.add(lasting);
    }
  };
  const early = Promise.all(Array.from({ length: width }, takeNext)).then(() => undefined);
  return { early, all: early.then(() => Promise.all(lingering)).then(() => undefined) };
}
