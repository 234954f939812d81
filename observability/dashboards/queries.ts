import type * as cog from '@grafana/grafana-foundation-sdk/cog';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { duration } from '../promql/duration.ts';
import type { Thresholds } from '../thresholds.ts';
import { DATASOURCE_ID, PROMETHEUS_DATASOURCE_UID, RUNS_DATASOURCE_UID } from '../../shared/grafana.ts';

export const PROMETHEUS = { type: 'prometheus', uid: PROMETHEUS_DATASOURCE_UID };
export const RUNS = { type: DATASOURCE_ID, uid: RUNS_DATASOURCE_UID };

/** Matchers that bind a query to the dashboard's variables. */
export const BY_SOURCE = 'source=~"$source"';
export const BY_DAG = 'source=~"$source", dag_id=~"$dag_id"';

/** A series over the dashboard's time range. */
export function over(expr: string, legend: string): DataqueryBuilder {
  return new DataqueryBuilder().datasource(PROMETHEUS).expr(expr).legendFormat(legend).range();
}

/** The same for a rate of a recorded counter, which has one sample in a `flow_interval`. */
export function rateOver(expr: string, legend: string, { flow_interval }: Thresholds): DataqueryBuilder {
  return over(expr, legend).interval(duration(flow_interval));
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
 * What a counter gained over the time range, from its two ends: a month of a series costs two samples and not 43,200. One
 * that is younger than the range counts in full, and so does one that started again within it.
 */
export function gained(counter: string): string {
  return `(${counter} - (${counter} offset $__range or ${counter} * 0) >= 0 or ${counter})`;
}

/** Share of a counter in another over the time range; of everything so far, where the range saw nothing. */
export function shareOfRange(part: string, whole: string, by = ''): string {
  return `sum ${by}(${gained(part)}) / (sum ${by}(${gained(whole)}) > 0 or sum ${by}(${whole}))`;
}

/** A query of the Runbeat runs data source (its query types stand in src/datasource). */
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
