import type { DataFrame } from '@grafana/data';
import type { Page } from '../../shared/api.ts';
import type { ExporterApi, TimeBounds } from '../data/exporterApi.ts';
import { ExporterFailure } from '../data/failure.ts';
import { findRuns } from '../lookup/findRuns.ts';
import { outagesFrame, schedulersFrame, transitionsFrame } from './frames/health.ts';
import { runGraphFrames } from './frames/runGraph.ts';
import { lookupFrame, runsFrame } from './frames/runs.ts';
import { runTasksFrame } from './frames/runTasks.ts';
import type { AskedQuery } from './interpolate.ts';
import type { QueryType } from './types.ts';

const DEFAULT_LIMIT = 100;
/** The exporter's limit of a page. */
const PAGE_LIMIT = 500;

export interface Asking {
  api: ExporterApi;
  query: AskedQuery;
  range: TimeBounds;
  signal: AbortSignal;
  /** Epoch milliseconds. */
  now: number;
}

/** One answer for each query type. */
const ANSWERS: Record<QueryType, (asking: Asking) => Promise<DataFrame[]>> = {
  lookup: lookUp,
  runs: listRuns,
  run_tasks: async (asking) => (await runDetails(asking)).map(runTasksFrame),
  run_graph: async (asking) => (await runDetails(asking)).flatMap(runGraphFrames),
  transitions: listTransitions,
  schedulers: async ({ api, query, signal }) => [
    schedulersFrame((await api.schedulers(signal)).items.filter(ofSource(query))),
  ],
  outages: async ({ api, query, range, signal }) => {
    const { rows } = await collect((page) => api.outages({ ...range, ...page }, signal), limitOf(query));
    return [outagesFrame(rows.filter(ofSource(query)))];
  },
};

export function answer(asking: Asking): Promise<DataFrame[]> {
  return ANSWERS[asking.query.queryType](asking);
}

/** Whether a query asks for anything yet: what a person is still typing is not sent. */
export function isComplete({ queryType, key, values, runIds, dagIds }: AskedQuery): boolean {
  if (queryType === 'lookup') return Boolean(key) && values.length > 0;
  if (queryType === 'run_tasks' || queryType === 'run_graph') return runIds.length > 0 && dagIds[0] !== undefined;
  return true;
}

async function lookUp({ api, query, range, signal, now }: Asking): Promise<DataFrame[]> {
  const { key = '', values, use_time_range } = query;
  const bounds = use_time_range ? range : {};
  const found = await Promise.all(
    query.dagIds.map((dagId) => findRuns(api, { key, values, dagId, ...bounds }, signal)),
  );
  const items = found.flatMap((part) => part.items).filter(ofSource(query));
  const limit = Math.max(limitOf(query), DEFAULT_LIMIT);
  return [lookupFrame(items.slice(0, limit), found.some((part) => part.truncated) || items.length > limit, now)];
}

async function listRuns({ api, query, range, signal }: Asking): Promise<DataFrame[]> {
  const states = query.states?.length ? query.states : [undefined];
  const sources = query.sources.length > 0 ? query.sources : [undefined];
  const questions = sources.flatMap((source) =>
    query.dagIds.flatMap((dagId) => states.map((state) => ({ source, dagId, state, ...range }))),
  );
  const limit = limitOf(query);
  const parts = await Promise.all(
    questions.map((question) => collect((page) => api.runs({ ...question, ...page }, signal), limit)),
  );
  const rows = parts
    .flatMap((part) => part.rows)
    .sort((a, b) => (b.start_date ?? b.queued_at ?? '').localeCompare(a.start_date ?? a.queued_at ?? ''));
  return [runsFrame(rows.slice(0, limit), parts.some((part) => part.more) || rows.length > limit)];
}

async function listTransitions({ api, query, range, signal }: Asking): Promise<DataFrame[]> {
  const limit = limitOf(query);
  const parts = await Promise.all(
    query.dagIds.map((dagId) => collect((page) => api.transitions({ dagId, ...range, ...page }, signal), limit)),
  );
  const rows = parts
    .flatMap((part) => part.rows)
    .filter(ofSource(query))
    .sort((a, b) => b.seconds - a.seconds);
  return [transitionsFrame(rows.slice(0, limit))];
}

async function runDetails({ api, query, signal }: Asking) {
  const dagId = query.dagIds[0]!;
  const source = query.sources[0] ?? (await onlySource(api, signal));
  return Promise.all(query.runIds.map((runId) => api.run({ source, dagId, runId }, signal)));
}

/** Most installations observe one source: it need not be named. */
async function onlySource(api: ExporterApi, signal: AbortSignal): Promise<string> {
  const { items } = await api.sources(signal);
  if (items.length === 1) return items[0]!.source;
  const names = items.map(({ source }) => source).join(', ');
  throw new ExporterFailure('refused', `Name the run’s source: the exporter observes ${names || 'none'}.`);
}

function ofSource<Row extends { source: string }>({ sources }: AskedQuery): (row: Row) => boolean {
  return (row) => sources.length === 0 || sources.includes(row.source);
}

function limitOf({ limit }: AskedQuery): number {
  return limit && limit > 0 ? limit : DEFAULT_LIMIT;
}

/** Pages until there are enough rows; `more` tells that there were more. */
async function collect<Row>(
  ask: (page: { limit: number; cursor?: string }) => Promise<Page<Row>>,
  limit: number,
): Promise<{ rows: Row[]; more: boolean }> {
  const rows: Row[] = [];
  let cursor: string | undefined;
  do {
    const page = await ask({ limit: Math.min(PAGE_LIMIT, limit - rows.length), cursor });
    rows.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor && rows.length < limit);
  return { rows, more: cursor !== undefined };
}
