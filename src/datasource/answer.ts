import type { DataFrame } from '@grafana/data';
import type { Page } from '../../shared/api.ts';
import { JOURNEY_PAGE, type ExporterApi, type TimeBounds } from '../data/exporterApi.ts';
import { findRuns, missingIds } from '../lookup/findRuns.ts';
import { outagesFrame, schedulersFrame, transitionsFrame } from './frames/health.ts';
import { journeyFrame } from './frames/journey.ts';
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
}

/** The function that answers each query type. */
const ANSWERS: Record<QueryType, (asking: Asking) => Promise<DataFrame[]>> = {
  lookup: lookUp,
  runs: listRuns,
  run_tasks: async (asking) => (await runDetails(asking)).map(runTasksFrame),
  run_graph: async (asking) => (await runDetails(asking)).flatMap(runGraphFrames),
  journey: followJourneys,
  transitions: listTransitions,
  schedulers: async ({ api, query, signal }) => [
    schedulersFrame((await api.schedulers(signal)).items.filter(ofSource(query))),
  ],
  outages: async ({ api, query, range, signal }) => {
    const limit = limitOf(query);
    const parts = await Promise.all(
      sourcesOf(query).map((source) => collect((page) => api.outages({ source, ...range, ...page }, signal), limit)),
    );
    const rows = parts.flatMap((part) => part.rows).sort((a, b) => b.from.localeCompare(a.from));
    return [outagesFrame(rows.slice(0, limit))];
  },
};

export function answer(asking: Asking): Promise<DataFrame[]> {
  return ANSWERS[asking.query.queryType](asking);
}

/** Whether a query is complete. Queries that a person is still typing are not sent. */
export function isComplete({ queryType, key, values, runIds, dagIds }: AskedQuery): boolean {
  if (queryType === 'lookup' || queryType === 'journey') return Boolean(key) && values.length > 0;
  if (queryType === 'run_tasks' || queryType === 'run_graph') return runIds.length > 0 && dagIds[0] !== undefined;
  return true;
}

async function lookUp({ api, query, range, signal }: Asking): Promise<DataFrame[]> {
  const { key = '', values, use_time_range } = query;
  const bounds = use_time_range ? range : {};
  const { dagIds, isChosen } = dagsOf(query);
  const found = await Promise.all(dagIds.map((dagId) => findRuns(api, { key, values, dagId, ...bounds }, signal)));
  const items = found.flatMap((part) => part.items).filter((row) => ofSource(query)(row) && (isChosen?.(row) ?? true));
  const limit = Math.max(limitOf(query), DEFAULT_LIMIT);
  const truncated = found.some((part) => part.truncated);
  const missing = missingIds(values, { items, truncated });
  return [lookupFrame(items.slice(0, limit), truncated || items.length > limit, missing)];
}

async function listRuns({ api, query, range, signal }: Asking): Promise<DataFrame[]> {
  const states = query.states?.length ? query.states : [undefined];
  const { dagIds, isChosen } = dagsOf(query);
  const questions = sourcesOf(query).flatMap((source) =>
    dagIds.flatMap((dagId) => states.map((state) => ({ source, dagId, state, ...range }))),
  );
  const limit = limitOf(query);
  const parts = await Promise.all(
    questions.map((question) => collect((page) => api.runs({ ...question, ...page }, signal), limit, isChosen)),
  );
  const rows = parts
    .flatMap((part) => part.rows)
    .sort((a, b) => (b.start_date ?? b.queued_at ?? '').localeCompare(a.start_date ?? a.queued_at ?? ''));
  return [runsFrame(rows.slice(0, limit), parts.some((part) => part.more) || rows.length > limit)];
}

/** A frame for each id. */
function followJourneys({ api, query, signal }: Asking): Promise<DataFrame[]> {
  const pages = Math.ceil(limitOf(query) / JOURNEY_PAGE);
  return Promise.all(
    query.values.map(async (value) => journeyFrame(await api.journey(query.key ?? '', value, pages, signal))),
  );
}

async function listTransitions({ api, query, range, signal }: Asking): Promise<DataFrame[]> {
  const limit = limitOf(query);
  const { dagIds, isChosen } = dagsOf(query);
  const questions = sourcesOf(query).flatMap((source) => dagIds.map((dagId) => ({ source, dagId, ...range })));
  const parts = await Promise.all(
    questions.map((question) => collect((page) => api.transitions({ ...question, ...page }, signal), limit, isChosen)),
  );
  const rows = parts.flatMap((part) => part.rows).sort((a, b) => b.seconds - a.seconds);
  return [transitionsFrame(rows.slice(0, limit))];
}

async function runDetails({ api, query, signal }: Asking) {
  const dagId = query.dagIds[0]!;
  const source = query.sources[0] ?? (await api.onlySource(signal));
  return Promise.all(query.runIds.map((runId) => api.run({ source, dagId, runId }, signal)));
}

/** Sources to query one by one, so that the limit applies to each; `undefined` means all. */
function sourcesOf({ sources }: AskedQuery): (string | undefined)[] {
  return sources.length > 0 ? sources : [undefined];
}

function ofSource<Row extends { source: string }>({ sources }: AskedQuery): (row: Row) => boolean {
  return (row) => sources.length === 0 || sources.includes(row.source);
}

function limitOf({ limit }: AskedQuery): number {
  return limit && limit > 0 ? limit : DEFAULT_LIMIT;
}

/** With more DAGs than this, all DAGs are asked for in one question: "All" of a variable may be hundreds of names. */
const MANY_DAGS = 20;
/** The most pages of one question, so that a rare DAG among many chosen ones does not read a whole history. */
const MAX_PAGES = 20;

interface ChosenDags {
  /** To query one by one. */
  dagIds: readonly (string | undefined)[];
  /** Picks their rows if all DAGs are asked for. */
  isChosen?: (row: { dag_id: string }) => boolean;
}

function dagsOf({ dagIds }: AskedQuery): ChosenDags {
  if (dagIds.length <= MANY_DAGS) return { dagIds };
  const chosen = new Set(dagIds);
  return { dagIds: [undefined], isChosen: ({ dag_id }) => chosen.has(dag_id) };
}

/** Reads pages until there are enough rows; `more` says whether there may be more. */
async function collect<Row>(
  ask: (page: { limit: number; cursor?: string }) => Promise<Page<Row>>,
  limit: number,
  isWanted?: (row: Row) => boolean,
): Promise<{ rows: Row[]; more: boolean }> {
  const rows: Row[] = [];
  let cursor: string | undefined;
  let pages = 0;
  do {
    const page = await ask({ limit: isWanted ? PAGE_LIMIT : Math.min(PAGE_LIMIT, limit - rows.length), cursor });
    rows.push(...(isWanted ? page.items.filter(isWanted) : page.items));
    cursor = page.next_cursor ?? undefined;
    pages += 1;
  } while (cursor && rows.length < limit && (!isWanted || pages < MAX_PAGES));
  return { rows, more: cursor !== undefined };
}
