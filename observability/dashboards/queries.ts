import type * as cog from '@grafana/grafana-foundation-sdk/cog';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
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

/** One value at the end of the dashboard's time range. */
export function now(expr: string, legend = ''): DataqueryBuilder {
  return new DataqueryBuilder().datasource(PROMETHEUS).expr(expr).legendFormat(legend).instant();
}

/** Rows of a table. */
export function rows(expr: string): DataqueryBuilder {
  return now(expr).format(PromQueryFormat.Table);
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
