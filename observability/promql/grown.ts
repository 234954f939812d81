import { METRICS } from '../../shared/metrics.ts';
import { duration } from './duration.ts';

/**
 * What a counter gained in the window, the first sample of a new series included: `increase()` sees a series only from
 * its first sample on, and the first failure of a DAG is that first sample.
 *
 * A series is new if the window before saw nothing of it, although its source had been watched for some time by then; to
 * a freshly installed Prometheus or exporter everything is new, and it counts from the first sample as usual.
 */
export function grown(counter: string, windowSeconds: number): string {
  const window = duration(windowSeconds);
  const watched = `max by (source) (${METRICS.sourceUp.name} offset ${duration((windowSeconds * 7) / 6)})`;
  const before = `last_over_time(${counter}[${window}] offset ${window})`;
  return `(${counter} unless ${before}) and on (source) ${watched} or increase(${counter}[${window}])`;
}
