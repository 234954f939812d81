import { isFinishedRun } from '../../shared/states.ts';
import type { SourceObserver } from '../collectors/sourceObserver.ts';
import type { FoundRun } from '../index/reader.ts';
import { AskedTogether } from './askedTogether.ts';
import type { ApiContext } from './context.ts';
import { inTime } from './patience.ts';

type PresentRuns = AskedTogether<number, ReadonlySet<number>>;
const perSource = new WeakMap<SourceObserver, PresentRuns>();

/** Combined, because every page with a list of runs needs this query and hundreds of users may have such a page open. */
function presentRuns(source: SourceObserver): PresentRuns {
  let known = perSource.get(source);
  if (!known) {
    known = new AskedTogether(async (ids) => new Set(await source.read((reader) => reader.presentIds(ids))));
    perSource.set(source, known);
  }
  return known;
}

/**
 * Finds the runs that their source no longer has, because it was cleaned or they were deleted. Only finished runs are checked:
 * the collectors follow all others. If a source does not answer in time, its runs are assumed to exist.
 */
export async function goneRuns(context: ApiContext, runs: readonly FoundRun[]): Promise<(run: FoundRun) => boolean> {
  const asked = context.sources.map(async (source): Promise<[string, ReadonlySet<number>]> => {
    const ids = runs.filter((run) => run.source === source.name && isFinishedRun(run.state)).map((run) => run.id);
    if (ids.length === 0 || !source.isUp) return [source.name, new Set()];
    const kept = await inTime(presentRuns(source).about(ids), new Set(ids));
    return [source.name, new Set(ids.filter((id) => !kept.has(id)))];
  });
  const gone = new Map(await Promise.all(asked));
  return (run) => run.replaced || (gone.get(run.source)?.has(run.id) ?? false);
}
