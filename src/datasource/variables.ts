import {
  CustomVariableSupport,
  type DataQueryRequest,
  type DataQueryResponse,
  type MetricFindValue,
} from '@grafana/data';
import { getTemplateSrv } from '@grafana/runtime';
import { from, map, type Observable } from 'rxjs';
import { DAG_RUN_STATES } from '../../shared/states.ts';
import type { ExporterApi, TimeBounds } from '../data/exporterApi.ts';
import { VariableQueryEditor } from './editors/VariableQueryEditor.tsx';
import type { ExporterSource, RunsJsonData, RunsQuery, RunsVariableQuery, VariableKind } from './types.ts';
import { boundsOf } from './range.ts';

/** Dashboard variables: sources, DAGs, states, business keys, and values of a key in the time range. */
export class RunsVariableSupport extends CustomVariableSupport<
  ExporterSource,
  RunsVariableQuery,
  RunsQuery,
  RunsJsonData
> {
  override editor = VariableQueryEditor;

  constructor(private readonly api: ExporterApi) {
    super();
  }

  override query(request: DataQueryRequest<RunsVariableQuery>): Observable<DataQueryResponse> {
    const query = request.targets[0];
    const fill = (text: string | undefined) => getTemplateSrv().replace(text, request.scopedVars);
    const filled = query && { ...query, source: fill(query.source), key: fill(query.key) };
    const values = filled ? OPTIONS[filled.kind ?? 'dags'](this.api, filled, boundsOf(request.range)) : [];
    return from(Promise.resolve(values)).pipe(
      map((data) => ({ data: data.map((text): MetricFindValue => ({ text, value: text })) })),
    );
  }
}

type Options = (api: ExporterApi, query: RunsVariableQuery, range: TimeBounds) => Promise<string[]>;

const OPTIONS: Record<VariableKind, Options> = {
  sources: async (api) => (await api.sources()).items.map(({ source }) => source),
  dags: async (api, { source }) => {
    const { items } = await api.dags();
    return [...new Set(items.filter((dag) => !source || dag.source === source).map((dag) => dag.dag_id))];
  },
  states: async () => [...DAG_RUN_STATES],
  keys: async (api) => (await api.keys()).items.map(({ key }) => key),
  values: async (api, { key }, range) => {
    const { items } = await api.keys({ ...range, key: key || undefined });
    return items.flatMap((known) => known.values);
  },
};
