import type { DataQuery } from '@grafana/schema';
import type { DataSourceApi, DataSourceJsonData } from '@grafana/data';
import type { ExporterApi } from '../data/exporterApi.ts';

export const QUERY_TYPES = [
  'lookup',
  'runs',
  'run_tasks',
  'run_graph',
  'transitions',
  'schedulers',
  'outages',
  'journey',
] as const;
export type QueryType = (typeof QUERY_TYPES)[number];

/** One query of a panel, an annotation or Explore, as dashboards store it. Texts may contain template variables, even with several values. */
export interface RunsQuery extends DataQuery {
  /** DEFAULT_QUERY_TYPE if it is missing, as in a query that was written by hand. */
  queryType?: QueryType;
  /** Business key, e.g. user_id. */
  key?: string;
  /** Ids, separated by commas or lines. */
  values?: string;
  source?: string;
  dag_id?: string;
  run_id?: string;
  /** States of runs; empty for all. */
  states?: string[];
  /** Whether a lookup is limited to the dashboard's time range. By default, ids are found at any time. */
  use_time_range?: boolean;
  /** Maximum number of rows. */
  limit?: number;
}

export const DEFAULT_QUERY_TYPE: QueryType = 'runs';

/** The type of a query, as its editor shows it: the default if it is missing, empty or one of another data source. */
export function queryTypeOf({ queryType }: { queryType?: string }): QueryType {
  return QUERY_TYPES.find((known) => known === queryType) ?? DEFAULT_QUERY_TYPE;
}

export const DEFAULT_QUERY: Partial<RunsQuery> = { queryType: DEFAULT_QUERY_TYPE, limit: 100 };

export const VARIABLE_KINDS = ['sources', 'dags', 'states', 'keys', 'values'] as const;
export type VariableKind = (typeof VARIABLE_KINDS)[number];

export function variableKindOf({ kind }: { kind?: string }): VariableKind {
  return VARIABLE_KINDS.find((known) => known === kind) ?? 'dags';
}

/** The query of a dashboard variable. */
export interface RunsVariableQuery extends DataQuery {
  kind: VariableKind;
  /** Limits it to DAGs of this source. */
  source?: string;
  /** The business key whose values to list. */
  key?: string;
}

export type RunsJsonData = DataSourceJsonData;

/** The data source, as its editors and variables use it. */
export interface ExporterSource extends DataSourceApi<RunsQuery, RunsJsonData> {
  readonly api: ExporterApi;
}

export interface RunsSecureJsonData {
  /** The exporter's RUNBEAT_API_TOKEN. */
  apiToken?: string;
}
