import type { Interval } from '../simulation/heartbeats.ts';
import type { GivenPromise, PlannedDag } from './plan.ts';

/**
 * The outcome of every promise, by docs/promises.md and with everything that the simulation knows. It shares no code with the
 * exporter.
 */
export interface Truth {
  promise: string;
  dag: PlannedDag;
  /** The time for which it applies to this DAG. */
  inForce: Interval[];
  /** Times of verdicts, in order. */
  kept: number[];
  broken: number[];
  /** For `done_by` and `succeeded_within`: when it is overdue. */
  overdue: Interval[];
  /** For the others: the promised share. */
  share: number | null;
}

export interface Segment {
  from: number;
  to: number;
  rule: GivenPromise;
}

export function secondsOf(text: unknown): number {
  const [, amount, unit] = /^(\d+)([smh])$/.exec(String(text))!;
  return Number(amount) * { s: 1, m: 60, h: 3_600 }[unit as 's' | 'm' | 'h'];
}
