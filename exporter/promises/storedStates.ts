import type { DagState, LoadedPromises, PromiseDelta } from '../index/promiseRows.ts';
import type { Micros } from '../sources/rows.ts';
import type { PromiseRule } from './rules.ts';
import { hasShare, keyOf, type Target } from './targets.ts';

/** For how long it is known what a promise has been judged for that is made no more. */
const REMEMBERED_US = 32 * 86_400e6;

interface Stored {
  kind: PromiseRule['kind'];
  state: unknown;
  /** Since when no promise has this state; null while one has. */
  lapsedUs: Micros | null;
}

/** What a poll does to states that no promise has any more. */
export interface Lapse {
  states: PromiseDelta['states'];
  /** Keys of states that nobody needs any more. */
  forgotten: readonly string[];
  accept(): void;
}

/**
 * The states of promises as the index holds them. A state outlives its promise for a while: if that is made again, or its DAG
 * comes back or is selected again, no day and no wait is judged twice.
 */
export class StoredStates {
  private states = new Map<string, Stored>();

  load(rows: LoadedPromises['states']): void {
    this.states = new Map(
      rows.map(({ promise, dag_id, kind, state }) => {
        const { lapsedUs = null, ...own } = state as { lapsedUs?: Micros };
        return [keyOf({ rule: { name: promise }, dag_id }), { kind, state: own, lapsedUs }];
      }),
    );
  }

  /** The state that goes on, or the one that a lapsed promise had before. */
  of(key: string, kind: PromiseRule['kind']): { state: unknown; before: unknown } {
    const stored = this.states.get(key);
    if (stored?.kind !== kind) return { state: null, before: null };
    return stored.lapsedUs === null ? { state: stored.state, before: null } : { state: null, before: stored.state };
  }

  remember(target: Target): void {
    if (hasShare(target) || target.state === null) return;
    this.states.set(keyOf(target), { kind: target.rule.kind, state: target.state, lapsedUs: null });
  }

  /** `targets` are all that there are now. */
  lapse(targets: readonly Target[], nowUs: Micros): Lapse {
    const needed = new Set(targets.map(keyOf));
    const unneeded = [...this.states].filter(([key]) => !needed.has(key));
    const lapsing = unneeded.filter(([, { lapsedUs }]) => lapsedUs === null);
    const forgotten = unneeded.filter(([, { lapsedUs }]) => lapsedUs !== null && lapsedUs < nowUs - REMEMBERED_US);
    return {
      states: lapsing.map(([key, { kind, state }]) => {
        return { ...namesIn(key), kind, state: { ...(state as object), lapsedUs: nowUs } };
      }),
      forgotten: forgotten.map(([key]) => key),
      accept: () => {
        for (const [key, stored] of lapsing) this.states.set(key, { ...stored, lapsedUs: nowUs });
        for (const [key] of forgotten) this.states.delete(key);
      },
    };
  }
}

/** The opposite of `keyOf`. */
export function namesIn(key: string): { promise: string; dag_id: DagState['dag_id'] } {
  const [promise, dag_id] = key.split('\u0000');
  return { promise: promise!, dag_id: dag_id! };
}
