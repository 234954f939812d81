import { METRICS } from '../../shared/metrics.ts';
import { duration } from './duration.ts';

/**
 * What a counter gained in the window, the first sample of a new series included: `increase()` sees a series only from
 * its first sample on, and the first failure of a DAG is that first sample.
 *
 * A series is new if it was not there a window ago while its source was; a freshly installed Prometheus or exporter, to
 * which everything is new, counts from its first sample as usual.
 */
export function grown(counter: string, windowSeconds: number): string {
  const window = duration(windowSeconds);
  const watched = `max by (source) (${METRICS.sourceUp.name} offset ${window})`;
  return `(${counter} unless ${counter} offset ${window}) and on (source) ${watched} or increase(${counter}[${window}])`;
}
