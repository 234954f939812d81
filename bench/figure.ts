import { percentile as nearestRank } from '../shared/percentile.ts';

/** One measured figure, printed as a JSON line. */
export interface Figure {
  bench: string;
  metric: string;
  value: number;
  unit: string;
  /** The peer or limit that was measured in the same run. */
  vs?: string;
  /** Always ours ÷ theirs; `better` says which direction is good. */
  ratio?: number;
  better?: 'lower' | 'higher';
  /** Limit for the ratio or, if there is no ratio, for the value. */
  limit?: number;
  /** False if the limit is missed by more than the noise. `npm run bench` then exits with 1. */
  ok?: boolean;
}

export interface BenchOptions {
  /** Size of the data set, if the benchmark has one. */
  scale?: number;
  /** Number of rounds, if the benchmark has rounds. */
  rounds?: number;
  /** How long to measure, if the benchmark measures over time. */
  minutes?: number;
  flags: ReadonlySet<string>;
}

export type Bench = (options: BenchOptions, print: (figure: Figure) => void) => Promise<void>;

/** Prints progress to stderr; stdout is only for figures. */
export function tell(text: string): void {
  process.stderr.write(`# ${new Date().toISOString().slice(11, 19)} ${text}\n`);
}

/** Maximum noise that excuses a missed limit. If repeats vary more, the machine is too busy to prove anything. */
const MOST_NOISE = 0.25;

/**
 * A figure with its verdict. `noise` is the share by which repeats of the figure vary. If a limit is missed by less than that, it may not
 * really be missed.
 */
export function judged(
  figure: Figure & Required<Pick<Figure, 'better' | 'limit'>>,
  { noise = 0 }: { noise?: number } = {},
): Figure {
  const { ratio, value, better, limit } = figure;
  const measured = ratio ?? value;
  const excused = Math.min(noise, MOST_NOISE);
  const ok = better === 'lower' ? measured <= limit * (1 + excused) : measured >= limit * (1 - excused);
  return { ...figure, ok };
}

/** Half of the difference between the highest and the lowest repeat, as a share of the median. */
export function spread(repeats: readonly number[]): number {
  const median = percentile(repeats, 0.5);
  return median === 0 ? 0 : (Math.max(...repeats) - Math.min(...repeats)) / 2 / median;
}

/** Nearest-rank percentile of numbers in any order; NaN for none. */
export function percentile(values: readonly number[], share: number): number {
  return nearestRank(values, share) ?? NaN;
}
