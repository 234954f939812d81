import type { Page, PromiseBreak, PromisePage, PromiseStatus } from '../../shared/api.ts';
import { groupedBy } from '../../shared/groupedBy.ts';
import type { FoundBreak } from '../index/promiseReader.ts';
import type { FoundRun } from '../index/reader.ts';
import type { Micros } from '../sources/rows.ts';
import type { Target } from '../promises/targets.ts';
import { refuseUnknownSource, sourceNamed, summaryOf, type ApiContext } from './context.ts';
import { encodeCursor } from './cursor.ts';
import { pageOf, requireKey } from './lists.ts';
import { invalid } from './parameters.ts';
import { PERIOD_DAYS, statusOf } from './promiseStatus.ts';
import { timestamp } from './time.ts';

type Source = ApiContext['sources'][number];

interface Query {
  source?: string | undefined;
  dag_id?: string | undefined;
  promise?: string | undefined;
  owner?: string | undefined;
  tag?: string | undefined;
  limit?: number | undefined;
  cursor?: [string, string, string] | undefined;
}

const DEFAULT_LIMIT = 50;

/** Promises in the order of name, DAG and source, each with its present status. */
export async function promises(context: ApiContext, query: Query): Promise<PromisePage> {
  const limit = query.limit ?? DEFAULT_LIMIT;
  const sources = query.source === undefined ? context.sources : [sourceNamed(context, query.source)];
  const rows = sources
    .flatMap((source) => source.promises.targets.map((target) => ({ source, target })))
    .filter((row) => isAsked(row, query))
    .sort((a, b) => compare(positionOf(a), positionOf(b)))
    .filter((row) => !query.cursor || compare(positionOf(row), query.cursor) > 0);
  const shown = rows.slice(0, limit);
  const items = await Promise.all(
    [...groupedBy(shown, (row) => row.source)].map(([source, of]) =>
      statusesOf(
        context,
        source,
        of.map((row) => row.target),
      ),
    ),
  );
  const byPosition = new Map(
    items.flat().map((item) => [[item.promise, item.dag_id, item.source].join('\u0000'), item]),
  );
  return {
    items: shown.map((row) => byPosition.get(positionOf(row).join('\u0000'))!),
    next_cursor: rows.length > limit ? encodeCursor(positionOf(shown.at(-1)!)) : null,
    configuration: context.configuration(),
  };
}

function isAsked({ source, target }: { source: Source; target: Target }, query: Query): boolean {
  const dag = source.promises.dags.get(target.dag_id);
  return (
    (query.dag_id ?? target.dag_id) === target.dag_id &&
    (query.promise ?? target.rule.name) === target.rule.name &&
    (query.owner === undefined || query.owner === dag?.owner) &&
    (query.tag === undefined || (dag?.tags.includes(query.tag) ?? false))
  );
}

function positionOf({ source, target }: { source: Source; target: Target }): [string, string, string] {
  return [target.rule.name, target.dag_id, source.name];
}

function compare(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((part, index) => part !== b[index]);
  return at < 0 ? 0 : a[at]! < b[at]! ? -1 : 1;
}

async function statusesOf(context: ApiContext, source: Source, targets: readonly Target[]): Promise<PromiseStatus[]> {
  const since = new Date(source.nowUs / 1000 - (PERIOD_DAYS - 1) * 86_400_000).toISOString().slice(0, 10);
  const found = await context.verdicts.days(
    source.name,
    targets.map(({ rule, dag_id }) => ({ promise: rule.name, dag_id })),
    since,
  );
  const days = groupedBy(found, (day) => `${day.promise}\u0000${day.dag_id}`);
  return targets.map((target) =>
    statusOf(context, source, target, days.get(`${target.rule.name}\u0000${target.dag_id}`) ?? []),
  );
}

/** Every break of a promise, newest first. */
export async function promiseBreaks(
  context: ApiContext,
  query: Pick<Query, 'source' | 'dag_id' | 'promise' | 'limit'> & {
    key?: string | undefined;
    value?: string | undefined;
    from?: Micros | undefined;
    to?: Micros | undefined;
    cursor?: [number, number] | undefined;
  },
): Promise<Page<PromiseBreak>> {
  const { key, value, limit = DEFAULT_LIMIT } = query;
  if (key !== undefined && value === undefined) throw invalid('value', 'is missing; a journey has a key and a value');
  if (key === undefined && value !== undefined) throw invalid('key', 'is missing; a journey has a key and a value');
  const rows = await context.verdicts.breaks(query, query.cursor, limit + 1);
  refuseUnknownSource(context, query.source, rows);
  // The journeys of a key that was removed are listed.
  if (key !== undefined && rows.length === 0) requireKey(context, key);
  const runs = new Map<string, FoundRun>();
  for (const [source, of] of groupedBy(rows, (row) => row.source)) {
    const ids = of.flatMap((row) => (row.run === null ? [] : [row.run]));
    for (const run of await context.index.runsByIds(source, ids)) runs.set(`${source}\u0000${run.id}`, run);
  }
  return pageOf(
    rows,
    limit,
    (row) => breakOf(context, row, runs.get(`${row.source}\u0000${row.run}`)),
    (row) => [row.at_us, row.id],
  );
}

function breakOf(context: ApiContext, row: FoundBreak, run: FoundRun | undefined): PromiseBreak {
  const { promise, kind, source, dag_id, at_us, day, key, value } = row;
  const summary = run ? summaryOf(context, source, run, {}) : null;
  return {
    promise,
    kind,
    source,
    dag_id,
    at: timestamp(at_us),
    run: summary && {
      dag_id: summary.dag_id,
      run_id: summary.run_id,
      state: summary.state,
      duration_seconds: summary.duration_seconds,
      links: summary.links,
    },
    day,
    journey: key === null || value === null ? null : { key, value },
  };
}
