import { groupedBy } from '../../shared/groupedBy.ts';
import type { FoundRun } from '../index/reader.ts';
import type { Micros } from '../sources/rows.ts';
import type { ApiContext } from './context.ts';
import { parentsOf, refKey, type FoundParent } from './parents.ts';

/** Maximum number of runs without the key that one answer adds, and of generations below a run. */
const MAX_DESCENDANTS = 200;
const MAX_GENERATIONS = 10;
/** A run that an asset event starts is created soon after the end of the one that wrote the asset. */
const AFTER_END_US = 60e6;

export interface Descendants {
  runs: FoundRun[];
  /** For each descendant, by refKey: its parents, as far as they are known here. */
  parents: Map<string, FoundParent[]>;
}

/**
 * Descendants of runs that do not have the key themselves. No source lists the children of a run, so this reads the parents of
 * all runs that were created while the run was at work. Anything that can't be determined is added to the notes.
 */
export async function descendantsOf(
  context: ApiContext,
  key: string,
  runs: readonly FoundRun[],
  notes: Set<string>,
): Promise<Descendants> {
  const known = new Set(runs.map(refKey));
  const found: Descendants = { runs: [], parents: new Map() };
  let generation = runs;
  for (let depth = 0; generation.length > 0 && depth < MAX_GENERATIONS; depth++) {
    const candidates = (await createdDuring(context, key, generation, notes)).filter((run) => !known.has(refKey(run)));
    const parents = await parentsOf(context, candidates, notes);
    const children = candidates.filter((run) => parents.get(refKey(run))!.some(({ ref }) => known.has(ref)));
    const room = MAX_DESCENDANTS - found.runs.length;
    if (children.length > room) notes.add('It started more runs than fit into one answer; their own pages show them.');
    generation = children.slice(0, room);
    for (const run of generation) {
      known.add(refKey(run));
      found.runs.push(run);
      found.parents.set(
        refKey(run),
        parents.get(refKey(run))!.filter(({ ref }) => known.has(ref)),
      );
    }
  }
  return found;
}

interface Interval {
  from: Micros;
  to: Micros;
}

/** The same time as disjoint intervals, so that no run is read twice. */
function merged(intervals: readonly Interval[]): Interval[] {
  return [...intervals]
    .sort((a, b) => a.from - b.from)
    .reduce<Interval[]>((all, next) => {
      const last = all.at(-1);
      if (!last || next.from > last.to) return [...all, next];
      return [...all.slice(0, -1), { from: last.from, to: Math.max(last.to, next.to) }];
    }, []);
}

async function createdDuring(
  context: ApiContext,
  key: string,
  runs: readonly FoundRun[],
  notes: Set<string>,
): Promise<FoundRun[]> {
  const started = runs.filter((run) => run.start_us !== null);
  const found = await Promise.all(
    [...groupedBy(started, (run) => run.source)].map(([source, own]) => {
      const nowUs = context.sources.find(({ name }) => name === source)?.nowUs ?? 0;
      const within = own.map((run) => ({
        from: Math.min(run.start_us!, run.at_us),
        to: Math.round((run.end_us ?? nowUs) + AFTER_END_US),
      }));
      return context.journeys.withoutKey(source, key, merged(within));
    }),
  );
  if (found.some(({ isCut }) => isCut))
    notes.add('Too many runs were created in that time, so some runs that it started may be missing.');
  return found.flatMap((one) => one.runs);
}
