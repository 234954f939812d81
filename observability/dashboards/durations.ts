/**
 * Axes for durations. Grafana's own unit for seconds would write 175 s as 2.92 mins and place ticks accordingly, so the units are
 * custom ones, of which Grafana places ticks at round numbers. It adds the space.
 */
export const SECONDS = 'suffix:s';
const MINUTES = 'suffix:min';

/**
 * Durations from seconds to hours, in minutes. The axis reaches a minute at least. A panel that chose its unit by the values would need a
 * query for each unit, and Prometheus computes all of them: over a month of 200 DAGs, that takes seconds.
 */
export const LONG = { unit: MINUTES, decimals: 1, atLeast: 1, tooShort: { below: 0.05, text: '< 3 s' } } as const;

/** Durations of tasks, most of which take seconds; in seconds, because exemplars are, whatever a query divides by. */
export const SHORT = { unit: SECONDS, tooShort: { below: 0.1, text: '< 0.1 s' } } as const;

/** The axis of an age that must not exceed a limit of so many seconds: minutes only where the limit is several. */
export function ageAxis(limit: number): { unit: string; perUnit: number; decimals: number } {
  return limit <= 180 ? { unit: SECONDS, perUnit: 1, decimals: 0 } : { unit: MINUTES, perUnit: 60, decimals: 1 };
}
