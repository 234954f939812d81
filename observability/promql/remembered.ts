import type { Thresholds } from '../thresholds.ts';
import { duration } from './duration.ts';

/** The last value of a gauge, for this long after its exporter has gone away, so that a restart ends no alert. */
export function remembered(metric: string, seconds: number): string {
  return `last_over_time(${metric}[${duration(seconds)}])`;
}

/** How long rules about promises remember, in seconds: through the longest restart, at each evaluation. */
export function promiseMemory({ no_data_after, promise_interval }: Thresholds): number {
  return no_data_after + promise_interval;
}
