import type { Micros, RunRow } from '../../sources/rows.ts';
import { amountOf, holds, keysOf, runsKey, type ParkingRules } from './limits.ts';
import type { ActiveRun, Limit } from './activeRun.ts';

interface Interval {
  from: Micros;
  to: Micros;
  amount: number;
}

/**
 * Which work used each limit, and when: from the timestamps of task instances and runs, including some that have ended. Between
 * two polls, a slot may become free and be taken again. The moments of the polls alone would miss that.
 */
export class Intervals {
  private byKey: Map<string, Interval[]> | null = null;

  constructor(
    private readonly runs: () => Iterable<Pick<ActiveRun, 'run' | 'all'>>,
    private readonly rules: ParkingRules,
    private readonly nowUs: Micros,
  ) {}

  /** When the limit last had no room for the needed amount; null if it always had room, as far as known. */
  lastFull({ key, capacity, need }: Limit): Micros | null {
    if (capacity === Infinity) return null;
    this.byKey ??= this.collect();
    return lastAbove(this.byKey.get(key) ?? [], capacity - need);
  }

  /** Built on first use: many polls of a healthy source don't need it. */
  private collect(): Map<string, Interval[]> {
    const byKey = new Map<string, Interval[]>();
    const add = (key: string, interval: Interval): void => {
      const known = byKey.get(key);
      if (known) known.push(interval);
      else byKey.set(key, [interval]);
    };
    for (const { run, all } of this.runs()) {
      const active = this.ofRun(run);
      if (active) add(runsKey(run), active);
      for (const task of all) {
        const from = task.queued_us;
        if (from === null) continue;
        for (const key of keysOf(task, run.dag_id, this.rules)) {
          const to = holds(task, key, this.rules) ? this.nowUs : task.end_us;
          if (to !== null && to > from) add(key, { from, to, amount: amountOf(key, task) });
        }
      }
    }
    return byKey;
  }

  private ofRun(run: RunRow): Interval | null {
    return run.start_us === null ? null : { from: run.start_us, to: run.end_us ?? this.nowUs, amount: 1 };
  }
}

/** The last moment at which the amounts of overlapping intervals were above a level. */
function lastAbove(intervals: readonly Interval[], level: number): Micros | null {
  const changes = intervals
    .flatMap(({ from, to, amount }) => [
      { at: from, by: amount },
      { at: to, by: -amount },
    ])
    // Go backwards in time. Of changes at the same moment, take those that end there first: their slots were in use before.
    .sort((a, b) => b.at - a.at || a.by - b.by);
  let held = 0;
  for (const { at, by } of changes) {
    held -= by;
    if (held > level) return at;
  }
  return null;
}
