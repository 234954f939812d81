import { percentile as nearestRank } from '../shared/percentile.ts';

/** One measured figure, printed as a JSON line. */
export interface Figure {
  bench: string;
  metric: string;
  value: number;
  unit: string;
  /** The peer or limit that was measured in the same run. */
  vs?: string;
  /** Ours ÷ theirs, always: `better` says which way is good. */
  ratio?: number;
  better?: 'lower' | 'higher';
  /** What the ratio, or the value where there is no ratio, must keep. */
  limit?: number;
  /** False when the limit is missed by more than the noise; `npm run bench` then exits 1. */
  ok?: boolean;
}

export interface BenchOptions {
  /** Size of the data set, where the bench has one. */
  scale?: number;
  /** How often to repeat, where the bench has rounds. */
  rounds?: number;
  /** How long to measure, where the bench measures over time. */
  minutes?: number;
  flags: ReadonlySet<string>;
}

export type Bench = (options: BenchOptions, print: (figure: Figure) => void) => Promise<void>;

/** Says on stderr how far a benchmark is; stdout is for figures alone. */
export function tell(text: string): void {
  process.stderr.write(`# ${new Date().toISOString().slice(11, 19)} ${text}\n`);
}

/** Repeats that spread further excuse no more than this: a machine that busy proves nothing. */
const MOST_NOISE = 0.25;

/**
 * A figure with its verdict. `noise` is the share by which the repeats of the figure spread: a limit that is missed by less
 * than that is not missed for sure.
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

/** Half of the distance from the least to the greatest repeat, as a share of the median. */
export function spread(repeats: readonly number[]): number {
  const median = percentile(repeats, 0.5);
  return median === 0 ? 0 : (Math.max(...repeats) - Math.min(...repeats)) / 2 / median;
}

/** Nearest-rank percentile of numbers in any order; NaN for none. */
export function percentile(values: readonly number[], share: number): number {
  return nearestRank(values, share) ?? NaN;
}
