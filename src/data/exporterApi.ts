import { getBackendSrv } from '@grafana/runtime';
import { lastValueFrom } from 'rxjs';
import {
  API_PATHS,
  runPath,
  type AttemptLog,
  type BusinessKey,
  type DagSummary,
  type LookupItem,
  type Outage,
  type Page,
  type RunDetail,
  type RunSummary,
  type SchedulerStatus,
  type SourceStatus,
  type Transition,
} from '../../shared/api.ts';
import { ExporterFailure, failureOf, isCancelled } from './failure.ts';

/** RFC 3339 bounds; absent for all time. */
export interface TimeBounds {
  from?: string;
  to?: string;
}

export interface PageBounds extends TimeBounds {
  limit?: number;
  cursor?: string;
}

export interface LookupParams extends PageBounds {
  key: string;
  values: readonly string[];
  dagId?: string;
}

export interface RunsParams extends PageBounds {
  source?: string;
  dagId?: string;
  state?: string;
}

export interface RunRef {
  source: string;
  dagId: string;
  runId: string;
}

type Query = Record<string, string | number | readonly string[] | undefined>;

/**
 * The exporter's API as the browser reaches it: below the URL that Grafana's data source proxy gives to a data source.
 * Every call rejects with an ExporterFailure; a request that the signal ended rejects with its AbortError.
 */
export class ExporterApi {
  constructor(private readonly proxyUrl: string) {}

  lookup({ key, values, dagId, ...bounds }: LookupParams, signal?: AbortSignal): Promise<Page<LookupItem>> {
    return this.page(API_PATHS.lookup, { key, value: values, dag_id: dagId, ...bounds }, RUN_FIELDS, signal);
  }

  runs({ source, dagId, state, ...bounds }: RunsParams, signal?: AbortSignal): Promise<Page<RunSummary>> {
    return this.page(API_PATHS.runs, { source, dag_id: dagId, state, ...bounds }, RUN_FIELDS, signal);
  }

  async run({ source, dagId, runId }: RunRef, signal?: AbortSignal): Promise<RunDetail> {
    const detail = await this.get<RunDetail>(runPath(source, dagId, runId), {}, signal);
    if (!detail?.run || !Array.isArray(detail.tasks)) throw notAnExporter();
    expectFields(detail.run, RUN_FIELDS);
    if (detail.tasks[0]) expectFields(detail.tasks[0], ['task_id', 'map_index', 'state', 'earlier_attempts']);
    return detail;
  }

  /** Logs of all attempts of a run, where the source keeps them. */
  logs(run: RunRef, signal?: AbortSignal): Promise<Page<AttemptLog>> {
    return this.page(`${runPath(run.source, run.dagId, run.runId)}/log`, {}, ['task_id', 'try_number', 'text'], signal);
  }

  dags(signal?: AbortSignal): Promise<Page<DagSummary>> {
    return this.page(API_PATHS.dags, {}, ['source', 'dag_id', 'last_run'], signal);
  }

  keys(params: TimeBounds & { key?: string; limit?: number } = {}, signal?: AbortSignal): Promise<Page<BusinessKey>> {
    return this.page(API_PATHS.keys, { ...params }, ['key', 'values'], signal);
  }

  schedulers(signal?: AbortSignal): Promise<Page<SchedulerStatus>> {
    return this.page(API_PATHS.schedulers, {}, ['scheduler', 'alive', 'state'], signal);
  }

  sources(signal?: AbortSignal): Promise<Page<SourceStatus>> {
    return this.page(API_PATHS.sources, {}, ['source', 'up', 'problem'], signal);
  }

  outages(bounds: PageBounds = {}, signal?: AbortSignal): Promise<Page<Outage>> {
    return this.page(API_PATHS.outages, { ...bounds }, ['source', 'from', 'delayed_runs'], signal);
  }

  transitions({ dagId, ...bounds }: PageBounds & { dagId?: string }, signal?: AbortSignal): Promise<Page<Transition>> {
    return this.page(
      API_PATHS.transitions,
      { dag_id: dagId, ...bounds },
      ['task_id', 'seconds', 'stages', 'links'],
      signal,
    );
  }

  private async page<Item extends object>(
    path: string,
    query: Query,
    fields: readonly (keyof Item & string)[],
    signal?: AbortSignal,
  ): Promise<Page<Item>> {
    const page = await this.get<Page<Item>>(path, query, signal);
    if (!Array.isArray(page?.items)) throw notAnExporter();
    if (page.items[0]) expectFields(page.items[0], fields);
    return page;
  }

  private async get<Answer>(path: string, query: Query, signal?: AbortSignal): Promise<Answer> {
    const request = { url: `${this.proxyUrl}${path}${search(query)}`, showErrorAlert: false, abortSignal: signal };
    try {
      return (await lastValueFrom(getBackendSrv().fetch<Answer>(request))).data;
    } catch (error) {
      if (isCancelled(error)) throw error;
      throw failureOf(error);
    }
  }
}

/** What stands on every run, in each list that has any. */
const RUN_FIELDS = ['source', 'dag_id', 'run_id', 'state', 'duration_seconds', 'links'] as const;

function notAnExporter(detail = 'The answer is not one of the Runbeat exporter’s API.'): ExporterFailure {
  return new ExporterFailure('not_an_exporter', detail);
}

/** An exporter of another version is better told at the door than by figures that are silently wrong. */
function expectFields<Item extends object>(item: Item, fields: readonly (keyof Item & string)[]): void {
  const absent = fields.find((name) => !(name in Object(item)));
  if (absent) throw notAnExporter(`Its answer has no “${absent}”.`);
}

function search(query: Query): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === '') continue;
    for (const one of Array.isArray(value) ? value : [value]) params.append(name, String(one));
  }
  const text = params.toString();
  return text && `?${text}`;
}
