import type { TimeRange } from '@grafana/data';
import type { TimeBounds } from '../data/exporterApi.ts';

/** The dashboard's time range in the format of the exporter. */
export function boundsOf(range: TimeRange | undefined): TimeBounds {
  return range ? { from: range.from.toISOString(), to: range.to.toISOString() } : {};
}
