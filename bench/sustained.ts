const WARM_UP_MS = 5_000;
const WINDOW_MS = 6_000;
const WINDOWS = 5;
const LOOK_MS = 100;

export interface Load {
  /** Adds work if little is left. */
  feed: () => Promise<void>;
  /** Amount of finished work. */
  done: () => Promise<number>;
  /** Amount of unfinished work. */
  left: () => Promise<number>;
  /** CPU time used so far, in seconds. */
  processorSeconds: () => number;
}

/** Results of one window of one load. */
export interface Rate {
  /** Finished per second. */
  perSecond: number;
  /** CPU time for each, in microseconds. */
  processorMicros: number;
}

/**
 * Measures how much work each load finishes if there is always something to do. The loads take turns, one window each, so that other
 * activity on the machine affects all of them. Remaining work is finished between two turns.
 */
export async function alternatingRates(loads: readonly Load[]): Promise<Rate[][]> {
  const rates: Rate[][] = loads.map(() => []);
  for (const load of loads) {
    await feedFor(load, WARM_UP_MS);
    await drain(load);
  }
  for (let at = 0; at < WINDOWS; at++) {
    for (const [which, load] of loads.entries()) rates[which]!.push(await measure(load));
  }
  return rates;
}

async function measure(load: Load): Promise<Rate> {
  await feedFor(load, LOOK_MS);
  const [done, used, began] = [await load.done(), load.processorSeconds(), performance.now()];
  await feedFor(load, WINDOW_MS);
  const count = (await load.done()) - done;
  const rate = {
    perSecond: (count / (performance.now() - began)) * 1_000,
    processorMicros: ((load.processorSeconds() - used) / count) * 1e6,
  };
  await drain(load);
  return rate;
}

async function feedFor({ feed }: Load, milliseconds: number): Promise<void> {
  const until = performance.now() + milliseconds;
  while (performance.now() < until) {
    await feed();
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

async function drain({ left }: Load): Promise<void> {
  while ((await left()) > 0) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}
