import {
  DataSourceApi,
  type AnnotationSupport,
  type CoreApp,
  type DataFrame,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceInstanceSettings,
  type ScopedVars,
} from '@grafana/data';
import { getTemplateSrv } from '@grafana/runtime';
import { Observable, of } from 'rxjs';
import { failureText } from '../components/failureWords.ts';
import { ExporterApi } from '../data/exporterApi.ts';
import { isCancelled, unreadable } from '../data/failure.ts';
import { answer, isComplete } from './answer.ts';
import { OutagesEditor } from './editors/QueryEditor.tsx';
import { outageEvents } from './events.ts';
import { emptyUrl, testExporter } from './health.ts';
import { fillIn, interpolate, type Replace } from './interpolate.ts';
import { boundsOf } from './range.ts';
import { DEFAULT_QUERY, queryTypeOf, type RunsJsonData, type RunsQuery } from './types.ts';
import { RunsVariableSupport } from './variables.ts';

/** Reads the exporter's API through Grafana's data source proxy, for panels, variables, annotations and Explore. */
export class RunsDataSource extends DataSourceApi<RunsQuery, RunsJsonData> {
  readonly api: ExporterApi;
  override annotations: AnnotationSupport<RunsQuery> = OUTAGES;

  constructor(settings: DataSourceInstanceSettings<RunsJsonData>) {
    super(settings);
    this.api = new ExporterApi(settings.url ?? '');
    this.variables = new RunsVariableSupport(this.api);
  }

  override query(request: DataQueryRequest<RunsQuery>): Observable<DataQueryResponse> {
    const targets = request.targets.filter((target) => !target.hide);
    if (targets.length === 0) return of({ data: [] });
    return new Observable((subscriber) => {
      const abort = new AbortController();
      Promise.all(targets.map((target) => this.ask(target, request, abort.signal))).then(
        (answers) => {
          subscriber.next(joined(answers));
          subscriber.complete();
        },
        (error: unknown) => !isCancelled(error) && subscriber.error(error),
      );
      return () => abort.abort();
    });
  }

  override async testDatasource() {
    return (await emptyUrl(this.uid)) ?? testExporter(this.api);
  }

  override getDefaultQuery(_app: CoreApp): Partial<RunsQuery> {
    return DEFAULT_QUERY;
  }

  override getQueryDisplayText(query: RunsQuery): string {
    const { values, run_id, dag_id } = query;
    return [queryTypeOf(query).replaceAll('_', ' '), values, run_id ?? dag_id].filter(Boolean).join(' ');
  }

  override interpolateVariablesInQueries(queries: RunsQuery[], scopedVars: ScopedVars): RunsQuery[] {
    return queries.map((query) => ({ ...fillIn(query, replace, scopedVars), datasource: this.getRef() }));
  }

  /** The frames of one target, or its error: a failed query does not affect the others. */
  private async ask(target: RunsQuery, request: DataQueryRequest<RunsQuery>, signal: AbortSignal): Promise<Answer> {
    const { refId } = target;
    const query = interpolate(target, replace, request.scopedVars);
    if (!isComplete(query)) return { refId, frames: [] };
    try {
      const range = boundsOf(request.range);
      const frames = await answer({ api: this.api, query, range, signal });
      return { refId, frames: frames.map((frame) => ({ ...frame, refId })) };
    } catch (error) {
      if (isCancelled(error)) throw error;
      return { refId, frames: [], error: failureText(unreadable(error)) };
    }
  }
}

interface Answer {
  refId: string;
  frames: DataFrame[];
  error?: string;
}

function joined(answers: readonly Answer[]): DataQueryResponse {
  const errors = answers.flatMap(({ refId, error }) => (error ? [{ refId, message: error }] : []));
  return { data: answers.flatMap(({ frames }) => frames), ...(errors.length > 0 && { errors, error: errors[0] }) };
}

const replace: Replace = (text, scopedVars, format) => getTemplateSrv().replace(text, scopedVars, format);

/** Annotations for outages, for any panel. */
const OUTAGES: AnnotationSupport<RunsQuery> = {
  QueryEditor: OutagesEditor,
  getDefaultQuery: () => ({ queryType: 'outages', limit: 500 }),
  prepareQuery: ({ target }) => ({ limit: 500, ...target, queryType: 'outages', refId: target?.refId ?? 'Outages' }),
  processEvents: (_, frames) => of(outageEvents(frames)),
};
