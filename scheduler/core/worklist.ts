import type { Blocked } from './state.ts';

/** Runs that one pass looks at: bounds how long a pass takes, however large the flood. */
const PASS_LIMIT = 100;
/** Of these, runs that wait for one full pool or DAG. */
const BLOCKED_LIMIT = 32;

/** What a scheduler still has to look at. It holds ids only: what is true is read from the database in each pass. */
export class Worklist {
  private readonly dirty = new Set<number>();
  /** Runs held back, by what holds them, best first when read. */
  private readonly blocked = new Map<string, Map<number, number>>();
  private lost = new Map<number, number>();
  /** Set when a slot may have become free, so that blocked runs are worth a look. */
  private freed = false;
  promote = false;

  add(runIds: Iterable<number>): void {
    for (const id of runIds) this.dirty.add(id);
    this.freed = true;
  }

  addLost(lost: ReadonlyMap<number, number>): void {
    for (const [id, tryNumber] of lost) this.lost.set(id, tryNumber);
  }

  get isEmpty(): boolean {
    return this.dirty.size === 0 && !this.promote && !(this.freed && this.blocked.size > 0);
  }

  /** Takes the runs of the next pass. */
  take(): { runIds: number[]; lost: ReadonlyMap<number, number> } {
    const chosen = new Set<number>();
    for (const id of this.dirty) {
      if (chosen.size >= PASS_LIMIT) break;
      chosen.add(id);
      this.dirty.delete(id);
    }
    if (this.freed) for (const waiting of this.blocked.values()) for (const id of bestOf(waiting)) chosen.add(id);
    this.freed = this.dirty.size > 0;
    const { lost } = this;
    this.lost = new Map();
    return { runIds: [...chosen], lost };
  }

  /** Notes what a pass over `runIds` found held back. */
  settle(runIds: readonly number[], blocked: readonly Blocked[]): void {
    for (const waiting of this.blocked.values()) for (const id of runIds) waiting.delete(id);
    for (const { dagRunId, by, priority } of blocked) {
      const waiting = this.blocked.get(by) ?? new Map<number, number>();
      this.blocked.set(by, waiting.set(dagRunId, Math.max(priority, waiting.get(dagRunId) ?? -Infinity)));
    }
    for (const [by, waiting] of this.blocked) if (waiting.size === 0) this.blocked.delete(by);
  }
}

/** The runs that get a free slot first: by priority, then age. */
function bestOf(waiting: ReadonlyMap<number, number>): number[] {
  const order = [...waiting].sort(([idA, a], [idB, b]) => b - a || idA - idB);
  return order.slice(0, BLOCKED_LIMIT).map(([id]) => id);
}
