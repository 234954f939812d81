import { groupedBy } from '../../shared/groupedBy.ts';
import type { Outage, Page } from '../../shared/api.ts';
import { delayOf } from '../flow/outages.ts';
import type { FoundOutage, FoundRun } from '../index/reader.ts';
import type { Micros, RunRow } from '../sources/rows.ts';
import { linksOf, refuseUnknownSource, type ApiContext } from './context.ts';
import { DEFAULT_LIMIT, pageOf, type Range } from './lists.ts';
import { seconds, timestamp } from './time.ts';

const DELAYED_RUNS = 200;

export async function outages(
  context: ApiContext,
  query: Range & { source?: string | undefined; limit?: number | undefined; cursor?: [number, number] | undefined },
): Promise<Page<Outage>> {
  const limit = query.limit ?? DEFAULT_LIMIT;
  const rows = await context.index.outages(query, query.cursor, limit + 1);
  refuseUnknownSource(context, query.source, rows);
  const delayed = await delayedBy(context, rows.slice(0, limit));
  const view = (outage: FoundOutage): Outage => ({
    source: outage.source,
    from: timestamp(outage.from_us),
    to: timestamp(outage.to_us),
    duration_seconds: seconds(outage.from_us, outage.to_us ?? nowOf(context, outage.source))!,
    delayed_runs: delayed.get(outage) ?? [],
  });
  return pageOf(rows, limit, view, (outage) => [outage.from_us, outage.source_id]);
}

/** By the source's clock, which wrote the timestamps; by the exporter's if the source is no longer configured. */
function nowOf(context: ApiContext, name: string): Micros {
  const source = context.sources.find((other) => other.name === name);
  return Math.round(source?.nowUs ?? Date.now() * 1000);
}

/**
 * Runs that each outage delayed. The delay of a finished run was recorded when it ended; that of an active run is computed up
 * to now. The number of queries is the same for one outage and for a whole page.
 */
async function delayedBy(
  context: ApiContext,
  found: readonly FoundOutage[],
): Promise<Map<FoundOutage, Outage['delayed_runs']>> {
  const refOf = ({ source_id, from_us }: Pick<FoundOutage, 'source_id' | 'from_us'>): string =>
    `${source_id} ${from_us}`;
  const finished = groupedBy(await context.index.delayedRuns(found, DELAYED_RUNS), refOf);
  const active = new Map(found.map((outage) => [outage, activeRunsDelayed(context, outage)]));
  const ids = [...active].flatMap(([outage, runs]) => runs.map(({ run }) => [outage.source_id, run.id] as const));
  const keys = await context.index.keysOf(ids);
  const delayedOf = (outage: FoundOutage): Outage['delayed_runs'] => {
    const view = (run: RunRow | FoundRun, runKeys: Record<string, string[]>, us: Micros): DelayedView => ({
      dag_id: run.dag_id,
      run_id: run.run_id,
      keys: runKeys,
      delayed_seconds: us / 1e6,
      links: linksOf(context, { ...run, source: outage.source }),
    });
    return [
      ...(finished.get(refOf(outage)) ?? []).map((run) => view(run, run.keys ?? {}, run.delayed_us)),
      ...active.get(outage)!.map(({ run, us }) => view(run, keys.get(outage.source_id)?.get(run.id) ?? {}, us)),
    ].sort((a, b) => b.delayed_seconds - a.delayed_seconds);
  };
  return new Map(found.map((outage) => [outage, delayedOf(outage)]));
}

type DelayedView = Outage['delayed_runs'][number];

function activeRunsDelayed(context: ApiContext, outage: FoundOutage): { run: RunRow; us: Micros }[] {
  const source = context.sources.find((other) => other.name === outage.source);
  const interval = { from: outage.from_us, to: outage.to_us ?? nowOf(context, outage.source) };
  // The outage delays no runs of paused or deleted DAGs: no scheduler would have run them.
  const scheduled = new Set(source?.dagRows.filter((dag) => !dag.is_paused).map((dag) => dag.dag_id));
  return [...(source?.active.values() ?? [])]
    .filter((tracked) => scheduled.has(tracked.run.dag_id))
    .map((tracked) => ({ run: tracked.run, us: delayOf(interval, tracked.run, [...tracked.tasks.values()]) }))
    .filter(({ us }) => us > 0)
    .slice(0, DELAYED_RUNS);
}
