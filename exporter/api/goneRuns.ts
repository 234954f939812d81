import { isFinishedRun } from '../../shared/states.ts';
import type { FoundRun } from '../index/reader.ts';
import type { ApiContext } from './context.ts';
import { inTime } from './patience.ts';

/**
 * Which of some runs their source no longer has, because it was cleaned or they were deleted. Asked for finished runs alone:
 * others are followed. A source that can't be asked in time is taken to have its runs.
 */
export async function goneRuns(context: ApiContext, runs: readonly FoundRun[]): Promise<(run: FoundRun) => boolean> {
  const perSource = context.sources.map(async (source): Promise<[string, ReadonlySet<number>]> => {
    const ids = runs.filter((run) => run.source === source.name && isFinishedRun(run.state)).map((run) => run.id);
    if (ids.length === 0 || !source.isUp) return [source.name, new Set()];
    const present = await inTime(
      source.read((reader) => reader.presentIds(ids)),
      ids,
    );
    const kept = new Set(present);
    return [source.name, new Set(ids.filter((id) => !kept.has(id)))];
  });
  const gone = new Map(await Promise.all(perSource));
  return (run) => run.replaced || (gone.get(run.source)?.has(run.id) ?? false);
}
