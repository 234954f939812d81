import type { RangeText, SeriesContent } from './builders.ts';

/**
 * Axes for durations. Grafana's own unit for seconds would write 175 s as 2.92 mins and place ticks accordingly, so the units are
 * custom ones, of which Grafana places ticks at round numbers. It adds the space.
 */
export const SECONDS = 'suffix:s';
const MINUTES = 'suffix:min';

const STEP = 3;

/**
 * Parts of a minute in seconds, in steps of 3 s: every tick below a minute is a multiple of them. What is shorter than a step would
 * be rounded to 0.
 */
const PARTS_OF_A_MINUTE: readonly RangeText[] = [
  { from: 1e-6, to: (STEP - 0.01) / 60, text: `< ${STEP} s` },
  ...Array.from({ length: 60 / STEP }, (_, at) => (at + 1) * STEP).map((seconds) => ({
    from: (seconds - STEP / 2) / 60,
    to: Math.min((seconds + STEP / 2) / 60, 0.999),
    text: `${seconds} s`,
  })),
];

/**
 * Durations from seconds to hours, in minutes; parts of a minute in seconds. The axis reaches a minute at least. A panel that chose
 * its unit by the values would need a query for each unit, and Prometheus computes all of them: over a month of 200 DAGs, that takes
 * seconds. Without decimals, Grafana writes ticks as they are (0.25), and other values with three digits.
 */
export const LONG = { unit: MINUTES, atLeast: 1, texts: PARTS_OF_A_MINUTE } as const;

/**
 * Durations of tasks, most of which take seconds; in seconds, because exemplars are, whatever a query divides by. The axis reaches a
 * second at least, so that not all its ticks are below a tenth of one.
 */
export const SHORT = { unit: SECONDS, atLeast: 1, texts: [{ from: 1e-6, to: 0.1, text: '< 0.1 s' }] } as const;

/** The axis of an age that must not exceed a limit of so many seconds: minutes only where the limit is several. */
export function ageAxis(limit: number): Pick<SeriesContent, 'unit' | 'decimals' | 'texts'> & { perUnit: number } {
  return limit <= 180
    ? { unit: SECONDS, perUnit: 1, decimals: 0 }
    : { unit: MINUTES, perUnit: 60, texts: PARTS_OF_A_MINUTE };
}
