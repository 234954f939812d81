import type { Interval } from '../simulation/heartbeats.ts';
import type { GivenPromise, PlannedDag } from './plan.ts';

/**
 * What became of every promise, by the words of docs/promises.md and with all that the simulation knows. It shares no code
 * with the exporter.
 */
export interface Truth {
  promise: string;
  dag: PlannedDag;
  /** Where it is made to this DAG. */
  inForce: Interval[];
  /** Moments of verdicts, in order. */
  kept: number[];
  broken: number[];
  /** Of `done_by` and `succeeded_within`: when it is overdue. */
  overdue: Interval[];
  /** Of the others: the share that is promised. */
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
