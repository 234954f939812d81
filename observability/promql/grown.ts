import { METRICS } from '../../shared/metrics.ts';
import { duration } from './duration.ts';

/**
 * The increase of a counter in the window, including the first sample of a new series. `increase()` ignores that sample, but a DAG's first
 * failure is the first sample of its series.
 *
 * A series is new if it did not exist in the window before, although its source had already been watched for some time. To a newly
 * installed Prometheus or exporter, everything is new, so series count from their first sample as usual.
 */
export function grown(counter: string, windowSeconds: number): string {
  const window = duration(windowSeconds);
  const watched = `max by (source) (${METRICS.sourceUp.name} offset ${duration((windowSeconds * 7) / 6)})`;
  const before = `last_over_time(${counter}[${window}] offset ${window})`;
  return `(${counter} unless ${before}) and on (source) ${watched} or increase(${counter}[${window}])`;
}
