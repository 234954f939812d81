import type { Samples } from './exporters.ts';
import type { Truth } from './terms.ts';

/** Verdicts by promise, DAG and verdict. */
export type Counts = Record<string, number>;

/** The last value of each counter, from the replica that had it last. */
export function countedBy(samples: Samples): Counts {
  const counts: Counts = {};
  for (const [selector, values] of samples) {
    if (!selector.startsWith('runbeat_promise_runs_total')) continue;
    const label = (name: string): string =>
      JSON.parse(new RegExp(`${name}=("(?:[^"\\\\]|\\\\.)*")`).exec(selector)![1]!) as string;
    const key = `${label('promise')}, ${label('dag_id')}, ${label('verdict')}`;
    counts[key] = Math.max(counts[key] ?? 0, values.findLast((value) => !Number.isNaN(value)) ?? 0);
  }
  return counts;
}

export function countsOf(truths: readonly Truth[]): Counts {
  return Object.fromEntries(
    truths.flatMap(({ promise, dag, kept, broken }) => [
      [`${promise}, ${dag.dag_id}, kept`, kept.length],
      [`${promise}, ${dag.dag_id}, broken`, broken.length],
    ]),
  );
}
