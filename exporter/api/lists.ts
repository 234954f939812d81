import type {
  BusinessKey,
  DagSummary,
  LookupItem,
  Page,
  RunSummary,
  SchedulerStatus,
  SourceStatus,
  Transition,
} from '../../shared/api.ts';
import type { DagRunState } from '../../shared/states.ts';
import type { FoundRun } from '../index/reader.ts';
import type { Micros, RunRow, TaskRow } from '../sources/rows.ts';
import { linksOf, refuseUnknownSource, sourceNamed, summaryOf, type ApiContext } from './context.ts';
import { encodeCursor } from './cursor.ts';
import { goneRuns } from './goneRuns.ts';
import { progressOf } from './progress.ts';
import { invalid } from './parameters.ts';
import { transitionsOf, type StructureOf } from './runDetail.ts';
import { onePerAsked, spellingsOf } from './spellings.ts';
import { usualOf } from '../usual/rings.ts';
import { timestamp } from './time.ts';

export interface Range {
  from?: Micros | undefined;
  to?: Micros | undefined;
}

export const DEFAULT_LIMIT = 50;

/** A page of rows. One row more than the limit was read, to see whether there is a next page. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  view: (row: Row) => Item,
  position: (row: Row) => (string | number)[],
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(view), next_cursor: rows.length > limit && last ? encodeCursor(position(last)) : null };
}

export async function lookup(
  context: ApiContext,
  query: Range & {
    key: string;
    value: string[];
    dag_id?: string | undefined;
    limit?: number | undefined;
    cursor?: [number, number, number, string] | undefined;
  },
): Promise<Page<LookupItem>> {
  requireKey(context, query.key);
  const limit = query.limit ?? DEFAULT_LIMIT;
  const spellings = spellingsOf(query.value);
  // A run may have the same value in two spellings.
  const rows = await context.index.lookup(query.key, [...spellings.keys()], query, query.cursor, 2 * limit + 1);
  const { shown, last, hasMore } = onePerAsked(rows, spellings, limit);
  const [progress, isGone] = await Promise.all([progressOf(context, shown), goneRuns(context, shown)]);
  const view = (run: (typeof rows)[number]): LookupItem => {
    const gone = isGone(run);
    const summary = summaryOf(context, run.source, run, {}, gone);
    const { source, dag_id, run_id, logical_date, state, start_date, end_date, duration_seconds, links } = summary;
    const when = {
      logical_date,
      state,
      start_date,
      end_date,
      duration_seconds,
      now: summary.now,
      expected_end: summary.expected_end,
      waiting: summary.waiting,
    };
    return { source, key: query.key, value: run.value, dag_id, run_id, ...when, progress: progress(run), gone, links };
  };
  const position = hasMore && last ? encodeCursor([last.at_us, last.source_id, last.id, last.value]) : null;
  return { items: shown.map(view), next_cursor: position };
}

/** Throws if no source has a rule for the key. */
export function requireKey(context: ApiContext, key: string): void {
  const known = [...new Set(context.sources.flatMap((source) => source.config.keys.map((rule) => rule.key)))];
  if (known.includes(key)) return;
  const message =
    known.length === 0
      ? 'can not be looked up: no business keys are configured (RUNBEAT_KEYS)'
      : `"${key}" is not a configured business key; those are: ${known.join(', ')}`;
  throw invalid('key', message);
}

export async function runs(
  context: ApiContext,
  query: Range & {
    source?: string | undefined;
    dag_id?: string | undefined;
    state?: DagRunState | undefined;
    limit?: number | undefined;
    cursor?: [number, number, number] | undefined;
  },
): Promise<Page<RunSummary>> {
  const limit = query.limit ?? DEFAULT_LIMIT;
  const rows = await context.index.runs(query, query.cursor, limit + 1);
  refuseUnknownSource(context, query.source, rows);
  const isGone = await goneRuns(context, rows.slice(0, limit));
  return pageOf(
    rows,
    limit,
    (run) => summaryOf(context, run.source, run, run.keys ?? {}, isGone(run)),
    (run) => [run.at_us, run.source_id, run.id],
  );
}

export async function dags(
  context: ApiContext,
  query: { limit?: number | undefined; cursor?: [string, string] | undefined },
): Promise<Page<DagSummary>> {
  const limit = query.limit ?? DEFAULT_LIMIT;
  const after = query.cursor;
  const all = context.sources
    .flatMap((source) => source.dagRows.map((dag) => ({ source, dag })))
    .sort((a, b) => order(a.dag.dag_id, b.dag.dag_id) || order(a.source.name, b.source.name))
    .filter(({ source, dag }) => !after || (order(dag.dag_id, after[0]) || order(source.name, after[1])) > 0)
    .slice(0, limit + 1);
  const last = new Map<string, FoundRun>();
  for (const source of new Set(all.map((entry) => entry.source))) {
    const ids = all.filter((entry) => entry.source === source).map((entry) => entry.dag.dag_id);
    for (const [dagId, run] of await context.index.lastRuns(source.name, ids))
      last.set(`${source.name}\u0000${dagId}`, run);
  }
  return pageOf(
    all,
    limit,
    ({ source, dag }) => {
      const run = last.get(`${source.name}\u0000${dag.dag_id}`);
      return {
        source: source.name,
        dag_id: dag.dag_id,
        is_paused: dag.is_paused,
        runs_active: [...source.active.values()].filter((tracked) => tracked.run.dag_id === dag.dag_id).length,
        last_run: run ? summaryOf(context, source.name, run, run.keys ?? {}) : null,
        owner: dag.owner,
        tags: [...dag.tags],
        usual: usualOf(source.usual.ofRun(dag.dag_id)),
      };
    },
    ({ source, dag }) => [dag.dag_id, source.name],
  );
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function sources(context: ApiContext): Page<SourceStatus> {
  return { items: context.sources.map((source) => source.status()), next_cursor: null };
}

export function schedulers(context: ApiContext): Page<SchedulerStatus> {
  const items = context.sources.flatMap((source) =>
    source.schedulers.map((life) => ({
      source: source.name,
      scheduler: life.name,
      hostname: life.hostname,
      lane: life.lane,
      alive: life.alive,
      state: life.state,
      latest_heartbeat: timestamp(life.heartbeat_us),
      heartbeat_age_seconds: Math.max(0, life.age_us + source.sinceSnapshotUs) / 1e6,
    })),
  );
  return { items, next_cursor: null };
}

export async function keys(
  context: ApiContext,
  query: Range & { key?: string | undefined; limit?: number | undefined },
): Promise<Page<BusinessKey>> {
  if (query.key !== undefined) requireKey(context, query.key);
  const rules = new Map<string, BusinessKey['rules']>();
  for (const source of context.sources) {
    for (const { key, text } of source.config.keys) {
      rules.set(key, [...(rules.get(key) ?? []), { source: source.name, rule: text }]);
    }
  }
  const wanted = [...rules].filter(([key]) => query.key === undefined || key === query.key);
  const items = await Promise.all(
    wanted.map(async ([key, of]) => ({
      key,
      rules: of,
      values: await context.index.recentValues(
        key,
        query.from ?? -8e15,
        query.to ?? 8e15,
        query.limit ?? DEFAULT_LIMIT,
      ),
    })),
  );
  return { items, next_cursor: null };
}

/** Maximum number of runs of the history whose transitions are computed for one answer, because they were never measured. */
const HISTORY_RUNS = 100;

/** The slowest transitions of all measured runs, of the active runs, and of the newest runs of the history. */
export async function transitions(
  context: ApiContext,
  query: Range & { source?: string | undefined; dag_id?: string | undefined; limit?: number | undefined },
): Promise<Page<Transition>> {
  const limit = query.limit ?? DEFAULT_LIMIT;
  const found = await context.index.slowRuns(query, limit, HISTORY_RUNS);
  const within = (run: RunRow): boolean => {
    const at = run.queued_us ?? run.start_us ?? 0;
    return (
      at >= (query.from ?? -Infinity) && at <= (query.to ?? Infinity) && (query.dag_id ?? run.dag_id) === run.dag_id
    );
  };
  const asked = query.source === undefined ? context.sources : [sourceNamed(context, query.source)];
  const perSource = asked.map(async (source): Promise<Transition[]> => {
    const live = [...source.active.values()].filter((tracked) => within(tracked.run));
    const fromMemory = live.flatMap((tracked) =>
      ofRun(context, source.name, tracked.run, [...tracked.tasks.values()], () => source.structureOf(tracked)),
    );
    const ids = found.filter((run) => run.source === source.name && !source.active.has(run.id)).map((run) => run.id);
    return [...fromMemory, ...(ids.length > 0 && source.isUp ? await measure(context, source, ids) : [])];
  });
  const items = (await Promise.all(perSource)).flat().sort((a, b) => b.seconds - a.seconds);
  return { items: items.slice(0, limit), next_cursor: null };
}

async function measure(
  context: ApiContext,
  source: ApiContext['sources'][number],
  ids: readonly number[],
): Promise<Transition[]> {
  const read = await source
    .read(async (reader) => {
      const rows = await reader.runsById(ids);
      const tasks = await reader.tasksOf(rows);
      const versions = new Map(rows.map((run) => [run.id, run]));
      await source.structures.load(
        reader,
        tasks.map((task) => ({
          dag_id: versions.get(task.run)!.dag_id,
          version: task.version ?? versions.get(task.run)!.version,
        })),
      );
      return { rows, tasks };
    })
    // If a source is unreachable, the other sources still answer.
    .catch(() => ({ rows: [], tasks: [] }));
  return read.rows.flatMap((run) =>
    ofRun(
      context,
      source.name,
      run,
      read.tasks.filter((task) => task.run === run.id).sort((a, b) => (a.start_us ?? 0) - (b.start_us ?? 0)),
      (task) => source.structures.get({ dag_id: run.dag_id, version: task.version ?? run.version }),
    ),
  );
}

function ofRun(
  context: ApiContext,
  source: string,
  run: RunRow,
  ...measured: [tasks: readonly TaskRow[], structureOf: StructureOf]
): Transition[] {
  const links = linksOf(context, { ...run, source });
  return [...transitionsOf(run, ...measured)].map((transition) => ({
    source,
    dag_id: run.dag_id,
    run_id: run.run_id,
    ...transition,
    links,
  }));
}
