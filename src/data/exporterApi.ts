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
  type PromiseBreak,
  type PromisePage,
  type PromiseStatus,
  type PromiseSuggestion,
  type RunDetail,
  type RunSummary,
  type SchedulerStatus,
  type SourceHealth,
  type SourceStatus,
  type Transition,
} from '../../shared/api.ts';
import type { JourneyPage } from '../../shared/journeys.ts';
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

/** One try of a task instance of a run. */
export interface TryRef {
  taskId: string;
  mapIndex: number;
  tryNumber: number;
}

type Query = Record<string, string | number | readonly string[] | undefined>;

/**
 * Client of the exporter's API, below the proxy URL of a data source in Grafana. Every call rejects with an ExporterFailure; an aborted
 * request rejects with its AbortError.
 */
export class ExporterApi {
  constructor(private readonly proxyUrl: string) {}

  lookup({ key, values, dagId, ...bounds }: LookupParams, signal?: AbortSignal): Promise<Page<LookupItem>> {
    return this.page(API_PATHS.lookup, { key, value: values, dag_id: dagId, ...bounds }, RUN_FIELDS, signal);
  }

  /** The first pages of a journey, combined. A run whose position changed between two requests occurs only once. */
  async journey(key: string, value: string, pages: number, signal?: AbortSignal): Promise<JourneyPage> {
    const items = new Map<string, JourneyPage['items'][number]>();
    const ancestors: typeof items = new Map();
    const descendants: typeof items = new Map();
    const notes = new Set<string>();
    for (let cursor: string | undefined, at = 1; ; at++) {
      const query = { key, value, limit: JOURNEY_PAGE, cursor };
      const page = (await this.page(API_PATHS.journeys, query, [...RUN_FIELDS, 'parents'], signal)) as JourneyPage;
      for (const run of page.items) items.set(nameOf(run), run);
      for (const run of page.ancestors) ancestors.set(nameOf(run), run);
      for (const run of page.descendants) descendants.set(nameOf(run), run);
      for (const note of page.notes) notes.add(note);
      if (!page.next_cursor || at >= pages)
        return {
          ...page,
          items: [...items.values()],
          ancestors: [...ancestors.values()],
          descendants: [...descendants.values()],
          notes: [...notes],
        };
      cursor = page.next_cursor;
    }
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

  /** The source for a run whose link or query names none, because most installations observe only one. Rejects if there are several. */
  async onlySource(signal?: AbortSignal): Promise<string> {
    const { items } = await this.sources(signal);
    if (items.length === 1) return items[0]!.source;
    const names = items.map(({ source }) => source).join(', ');
    throw new ExporterFailure('refused', `Specify the run’s source. The exporter observes: ${names || 'none'}.`);
  }

  /** The log of one try; null if the source has none. Rejects if the source keeps no logs at all. */
  async log(run: RunRef, { taskId, mapIndex, tryNumber }: TryRef, signal?: AbortSignal): Promise<AttemptLog | null> {
    const path = `${runPath(run.source, run.dagId, run.runId)}/log`;
    const one = { task_id: taskId, map_index: mapIndex, try_number: tryNumber };
    for (let cursor: string | undefined; ;) {
      const page: Page<AttemptLog> = await this.page(
        path,
        { ...one, cursor },
        ['task_id', 'try_number', 'text'],
        signal,
      );
      const log = page.items.find((item) =>
        Object.entries(one).every(([name, value]) => item[name as keyof AttemptLog] === value),
      );
      if (log || !page.next_cursor) return log ?? null;
      cursor = page.next_cursor;
    }
  }

  /** All DAGs, from all pages. */
  async dags(signal?: AbortSignal): Promise<Page<DagSummary>> {
    const items: DagSummary[] = [];
    for (let cursor: string | undefined; ;) {
      const query = { limit: PAGE_LIMIT, cursor };
      const page = await this.page<DagSummary>(API_PATHS.dags, query, ['source', 'dag_id', 'last_run'], signal);
      items.push(...page.items);
      if (!page.next_cursor) return { items, next_cursor: null };
      cursor = page.next_cursor;
    }
  }

  keys(params: TimeBounds & { key?: string; limit?: number } = {}, signal?: AbortSignal): Promise<Page<BusinessKey>> {
    return this.page(API_PATHS.keys, { ...params }, ['key', 'values'], signal);
  }

  schedulers(signal?: AbortSignal): Promise<Page<SchedulerStatus>> {
    return this.page(API_PATHS.schedulers, {}, ['scheduler', 'alive', 'state'], signal);
  }

  health(signal?: AbortSignal): Promise<Page<SourceHealth>> {
    return this.page(API_PATHS.health, {}, ['source', 'components', 'notes'], signal);
  }

  sources(signal?: AbortSignal): Promise<Page<SourceStatus>> {
    return this.page(API_PATHS.sources, {}, ['source', 'up', 'problem'], signal);
  }

  outages(bounds: PageBounds & { source?: string } = {}, signal?: AbortSignal): Promise<Page<Outage>> {
    return this.page(API_PATHS.outages, { ...bounds }, ['source', 'from', 'delayed_runs'], signal);
  }

  /** All promises, from all pages. */
  async promises(signal?: AbortSignal): Promise<PromisePage> {
    const items: PromiseStatus[] = [];
    for (let cursor: string | undefined; ;) {
      const page: Page<PromiseStatus> = await this.page(
        API_PATHS.promises,
        { limit: PAGE_LIMIT, cursor },
        PROMISE_FIELDS,
        signal,
      );
      const { configuration, next_cursor } = page as PromisePage;
      if (!configuration) throw notAnExporter('Its answer has no “configuration”.');
      items.push(...page.items);
      if (!next_cursor) return { items, next_cursor: null, configuration };
      cursor = next_cursor;
    }
  }

  promiseBreaks(
    { dagId, ...query }: PageBounds & { promise: string; source: string; dagId: string; key?: string; value?: string },
    signal?: AbortSignal,
  ): Promise<Page<PromiseBreak>> {
    return this.page(API_PATHS.promiseBreaks, { dag_id: dagId, ...query }, ['at', 'run'], signal);
  }

  promiseSuggestions(signal?: AbortSignal): Promise<Page<PromiseSuggestion>> {
    return this.page(API_PATHS.promiseSuggestions, {}, ['dag_id', 'yaml'], signal);
  }

  transitions(
    { dagId, ...bounds }: PageBounds & { source?: string; dagId?: string },
    signal?: AbortSignal,
  ): Promise<Page<Transition>> {
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

/** The exporter's maximum page size. */
const PAGE_LIMIT = 500;

/** Number of runs of a journey per request. */
export const JOURNEY_PAGE = 500;

function nameOf(run: RunSummary): string {
  return JSON.stringify([run.source, run.dag_id, run.run_id]);
}

/** Fields of every run, in all lists of runs. */
const RUN_FIELDS = ['source', 'dag_id', 'run_id', 'state', 'duration_seconds', 'links'] as const;

const PROMISE_FIELDS = ['promise', 'kind', 'source', 'dag_id', 'state', 'history', 'will_miss'] as const;

function notAnExporter(detail = 'The answer is not one of the Runbeat exporter’s API.'): ExporterFailure {
  return new ExporterFailure('not_an_exporter', detail);
}

/** Throws if fields are missing, because the results of an exporter of another version might be silently wrong. */
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
