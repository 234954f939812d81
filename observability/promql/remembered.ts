import type { Thresholds } from '../thresholds.ts';
import { duration } from './duration.ts';

/** The last value of a gauge, for this long after its exporter has disappeared, so that a restart does not end an alert. */
export function remembered(metric: string, seconds: number): string {
  return `last_over_time(${metric}[${duration(seconds)}])`;
}

/** How long rules about promises remember values, in seconds: longer than any restart takes. */
export function promiseMemory({ no_data_after, promise_interval }: Thresholds): number {
  return no_data_after + promise_interval;
}
