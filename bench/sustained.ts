const WARM_UP_MS = 5_000;
const WINDOW_MS = 6_000;
const WINDOWS = 5;
const LOOK_MS = 100;

export interface Load {
  /** Adds work when little is left. */
  feed: () => Promise<void>;
  /** How much is done so far. */
  done: () => Promise<number>;
  /** How much was added and is not done. */
  left: () => Promise<number>;
  /** Processor time used so far for it, in seconds. */
  processorSeconds: () => number;
}

/** One window of one load. */
export interface Rate {
  /** Done in a second. */
  perSecond: number;
  /** Processor time for each, in microseconds. */
  processorMicros: number;
}

/**
 * What each load gets done while there is always something to do. They take turns, one window each, so that whatever else
 * the machine does meanwhile hits all of them; between two turns the work that is left is finished.
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
