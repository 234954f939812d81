import type * as cog from '@grafana/grafana-foundation-sdk/cog';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { duration } from '../promql/duration.ts';
import type { Thresholds } from '../thresholds.ts';
import { DATASOURCE_ID } from '../../shared/grafana.ts';

/** A variable, so that a dashboard imported from the plugin works with data sources of other uids. */
export const PROMETHEUS = { type: 'prometheus', uid: '${prometheus}' };
export const RUNS = { type: DATASOURCE_ID, uid: '${runs}' };

/** Matchers that bind a query to the dashboard's variables. */
export const BY_SOURCE = 'source=~"$source"';
export const BY_DAG = 'source=~"$source", dag_id=~"$dag_id"';

/** A series over the dashboard's time range. */
export function over(expr: string, legend: string): DataqueryBuilder {
  return new DataqueryBuilder().datasource(PROMETHEUS).expr(expr).legendFormat(legend).range();
}

/**
 * The exemplars of a histogram: runs that were counted in its buckets. Prometheus finds them over the dashboard's range by the selector
 * alone. So the offset, which is before all samples, costs nothing and draws no line.
 */
export function exemplars({ name }: { name: string }, matchers: string): DataqueryBuilder {
  return over(`${name}_bucket{${matchers}} offset 20y`, 'exemplars').exemplar(true);
}

/** The same for the rate of a recorded counter, which has one sample per `flow_interval`. */
export function rateOver(expr: string, legend: string, { flow_interval }: Thresholds): DataqueryBuilder {
  return over(expr, legend).interval(duration(flow_interval));
}

/**
 * The five series that are highest at each point in time. The five of the whole range would be fewer in the legend, but finding them
 * reads each series twice. Records have NaN where there was nothing to compute, which is left out of the five, not of thousands.
 */
export function topFive(series: string): string {
  return `(topk(5, ${series}) >= 0)`;
}

/** The highest value of each series in the time range. */
export function most(series: string): string {
  return `max_over_time(${series}[$__range] @ end())`;
}

/** One value at the end of the dashboard's time range. */
export function now(expr: string, legend = ''): DataqueryBuilder {
  return new DataqueryBuilder().datasource(PROMETHEUS).expr(expr).legendFormat(legend).instant();
}

/** Rows of a table. */
export function rows(expr: string): DataqueryBuilder {
  return now(expr).format(PromQueryFormat.Table);
}

/**
 * The increase of a counter over the time range, from its two ends: a month of a series needs 2 samples instead of 43,200. A
 * counter that is younger than the range, or was reset within it, counts in full.
 */
export function gained(counter: string): string {
  return `(${counter} - (${counter} offset $__range or ${counter} * 0) >= 0 or ${counter})`;
}

/**
 * The ratio of two counters' increases over the time range, or of their totals if nothing increased. There is no result if both are 0,
 * because `>= 0` drops NaN, which a panel would show as a value.
 */
export function shareOfRange(part: string, whole: string, by = ''): string {
  return `sum ${by}(${gained(part)}) / (sum ${by}(${gained(whole)}) > 0 or sum ${by}(${whole})) >= 0`;
}

/** A query of the Runbeat runs data source (src/datasource defines its query types). */
export interface RunsQuery {
  queryType: string;
  [parameter: string]: unknown;
}

export function runs(query: RunsQuery): cog.Builder<cog.Dataquery> {
  return { build: () => runsTarget(query) };
}

/** The same as a plain object, for an annotation. */
export function runsTarget(query: RunsQuery): cog.Dataquery {
  return { refId: 'A', datasource: RUNS, ...query } as unknown as cog.Dataquery;
}
