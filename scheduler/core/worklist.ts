import type { Blocked } from './passTypes.ts';

/** Maximum number of changed runs in one pass, which bounds its duration. */
const PASS_LIMIT = 100;
/** Maximum number of additional blocked runs in one pass, and of those that wait for the same pool or DAG. */
const BLOCKED_LIMIT = 100;
const BLOCKED_LIMIT_EACH = 32;

/** A running try whose worker is dead. */
export interface AbandonedAttempt {
  id: number;
  tryNumber: number;
  dagRunId: number;
}

export interface PassWork {
  runIds: number[];
  /** Abandoned tries of these runs: task instance id → try_number. */
  abandoned: ReadonlyMap<number, number>;
}

/** The runs that a scheduler still has to examine. It only holds ids: each pass reads the state from the database. */
export class Worklist {
  private readonly dirty = new Set<number>();
  /** Runs with a ready task that a limit holds back: what holds it back → run id → priority. */
  private readonly blocked = new Map<string, Map<number, number>>();
  /** Keys of `blocked` for which a slot may have become free. */
  private readonly toRecheck = new Set<string>();
  /** Abandoned tries by run. */
  private readonly abandoned = new Map<number, Map<number, number>>();
  promote = false;

  add(runIds: Iterable<number>): void {
    for (const id of runIds) this.dirty.add(id);
    for (const by of this.blocked.keys()) this.toRecheck.add(by);
  }

  /** Adds abandoned tries with their runs. Each one stays on the list until a pass has examined its run. */
  addAbandoned(attempts: readonly AbandonedAttempt[]): void {
    for (const { id, tryNumber, dagRunId } of attempts) {
      this.abandoned.set(dagRunId, (this.abandoned.get(dagRunId) ?? new Map<number, number>()).set(id, tryNumber));
    }
    if (attempts.length > 0) this.add(attempts.map(({ dagRunId }) => dagRunId));
  }

  get isEmpty(): boolean {
    return this.dirty.size === 0 && !this.promote && this.toRecheck.size === 0;
  }

  /** Takes the work of the next pass off the list. */
  take(): PassWork {
    const chosen = new Set<number>();
    for (const id of this.dirty) {
      if (chosen.size >= PASS_LIMIT) break;
      chosen.add(id);
      this.dirty.delete(id);
    }
    this.takeBlocked(chosen);
    const abandoned = new Map<number, number>();
    for (const runId of chosen) {
      for (const [id, tryNumber] of this.abandoned.get(runId) ?? []) abandoned.set(id, tryNumber);
      this.abandoned.delete(runId);
    }
    return { runIds: [...chosen], abandoned };
  }

  /** Notes the runs among `runIds` that a pass found blocked. */
  noteBlocked(runIds: readonly number[], blocked: readonly Blocked[]): void {
    for (const waiting of this.blocked.values()) for (const id of runIds) waiting.delete(id);
    for (const { dagRunId, by, priority } of blocked) {
      const waiting = this.blocked.get(by) ?? new Map<number, number>();
      this.blocked.set(by, waiting.set(dagRunId, Math.max(priority, waiting.get(dagRunId) ?? -Infinity)));
    }
    for (const [by, waiting] of this.blocked) {
      if (waiting.size > 0) continue;
      this.blocked.delete(by);
      this.toRecheck.delete(by);
    }
  }

  private takeBlocked(chosen: Set<number>): void {
    const limit = chosen.size + BLOCKED_LIMIT;
    for (const by of this.toRecheck) {
      if (chosen.size >= limit) break;
      for (const id of bestOf(this.blocked.get(by)!)) chosen.add(id);
      this.toRecheck.delete(by);
    }
    // The remaining runs may free further slots.
    if (this.dirty.size > 0) for (const by of this.blocked.keys()) this.toRecheck.add(by);
  }
}

/** The runs that get a free slot first: by priority, then age. */
function bestOf(waiting: ReadonlyMap<number, number>): number[] {
  const order = [...waiting].sort(([idA, a], [idB, b]) => b - a || idA - idB);
  return order.slice(0, BLOCKED_LIMIT_EACH).map(([id]) => id);
}
