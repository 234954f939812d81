import type * as cog from '@grafana/grafana-foundation-sdk/cog';
import { most, over, topFive } from './queries.ts';

/**
 * Axes for durations. Grafana's own unit for seconds would write 175 s as 2.92 mins and place ticks accordingly, so the units are
 * custom ones, of which Grafana places ticks at round numbers. It adds the space.
 */
export const SECONDS = 'suffix:s';
const MINUTES = 'suffix:min';
const HOURS = 'suffix:h';

interface Scale {
  /** For values up to this many seconds. */
  upTo: number;
  unit: string;
  /** Seconds per unit. */
  seconds: number;
}

const SCALES: readonly Scale[] = [
  { upTo: 180, unit: SECONDS, seconds: 1 },
  { upTo: 3 * 3_600, unit: MINUTES, seconds: 60 },
  { upTo: Infinity, unit: HOURS, seconds: 3_600 },
];

/** For panels with exemplars, which are in seconds whatever a query divides by. Below a minute, Grafana's own seconds are round: 18 ms. */
const UNDIVIDED: readonly Scale[] = [
  { upTo: 50, unit: 's', seconds: 1 },
  { upTo: Infinity, unit: SECONDS, seconds: 1 },
];

interface Durations {
  /** The series to show, in seconds. */
  shown: string;
  /** One number: the largest of them in the time range. */
  largest: string;
  legend: string;
  hasExemplars?: boolean;
}

/**
 * Durations from seconds to days, in the unit that suits the time range: one query for each unit, of which only one has a result. A DAG
 * of 4 s reads 4.00 s, not 0.0 min, and one of two hours not 7200 s.
 */
export function durations({ shown, largest, legend, hasExemplars = false }: Durations): {
  unit: string;
  units: string[];
  targets: cog.Builder<cog.Dataquery>[];
} {
  const scales = hasExemplars ? UNDIVIDED : SCALES;
  const targets = scales.map(({ upTo, seconds }, at) => {
    const divided = seconds === 1 ? `(${shown})` : `(${shown}) / ${seconds}`;
    const bounds = [at > 0 ? ` > ${scales[at - 1]!.upTo}` : '', upTo < Infinity ? ` <= ${upTo}` : ''].join('');
    return over(`${divided} and on () (${largest}${bounds})`, legend);
  });
  return { unit: scales[0]!.unit, units: scales.map(({ unit }) => unit), targets };
}

/** The five series that are highest in the time range. */
export function highest(series: string): Pick<Durations, 'shown' | 'largest'> {
  return { shown: topFive(series), largest: `max(${most(series)})` };
}

/** The five series that are lowest in the time range. */
export function lowest(series: string): Pick<Durations, 'shown' | 'largest'> {
  const least = `min_over_time(${series}[$__range] @ end())`;
  return { shown: `${series} and bottomk(5, ${least})`, largest: `max(${most(series)} and bottomk(5, ${least}))` };
}

/** The axis of an age that must not exceed a limit of so many seconds: minutes only where the limit is several. */
export function ageAxis(limit: number): { unit: string; perUnit: number; decimals: number } {
  return limit <= 180 ? { unit: SECONDS, perUnit: 1, decimals: 0 } : { unit: MINUTES, perUnit: 60, decimals: 1 };
}
