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
import { namesOf, type Replace } from './interpolate.ts';
import { VariableQueryEditor } from './editors/VariableQueryEditor.tsx';
import {
  variableKindOf,
  type ExporterSource,
  type RunsJsonData,
  type RunsQuery,
  type RunsVariableQuery,
  type VariableKind,
} from './types.ts';
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

  override getDefaultQuery() {
    return { kind: variableKindOf({}) } as Partial<RunsQuery>;
  }

  override query(request: DataQueryRequest<RunsVariableQuery>): Observable<DataQueryResponse> {
    const query = request.targets[0];
    const replace: Replace = (text, scopedVars, format) => getTemplateSrv().replace(text, scopedVars, format);
    const names = (text: string | undefined) => namesOf(text, replace, request.scopedVars);
    const values = query
      ? optionsOf(this.api, {
          kind: variableKindOf(query),
          sources: names(query.source),
          keys: names(query.key),
          range: boundsOf(request.range),
        })
      : [];
    return from(Promise.resolve(values)).pipe(
      map((data) => ({ data: data.map((text): MetricFindValue => ({ text, value: text })) })),
    );
  }
}

/** What a variable lists, with its own variables filled in. Empty sources or keys mean all. */
export interface AskedVariable {
  kind: VariableKind;
  sources: readonly string[];
  keys: readonly string[];
  range: TimeBounds;
}

export function optionsOf(api: ExporterApi, asked: AskedVariable): Promise<string[]> {
  return OPTIONS[asked.kind](api, asked);
}

type Options = (api: ExporterApi, asked: AskedVariable) => Promise<string[]>;

const OPTIONS: Record<VariableKind, Options> = {
  sources: async (api) => (await api.sources()).items.map(({ source }) => source),
  dags: async (api, { sources }) => {
    const { items } = await api.dags();
    const chosen = items.filter((dag) => sources.length === 0 || sources.includes(dag.source));
    return [...new Set(chosen.map((dag) => dag.dag_id))];
  },
  states: async () => [...DAG_RUN_STATES],
  keys: async (api) => (await api.keys()).items.map(({ key }) => key),
  values: async (api, { keys, range }) => {
    const asked = keys.length > 0 ? keys : [undefined];
    const pages = await Promise.all(asked.map((key) => api.keys({ ...range, key })));
    return pages.flatMap(({ items }) => items.flatMap((known) => known.values));
  },
};
