import { plainNumber } from '../../platform/json.ts';
import type { JourneyPage, JourneyParent, JourneyRun } from '../../shared/journeys.ts';
import { withoutCircles } from '../flow/origins.ts';
import type { FoundStep } from '../index/journeyReader.ts';
import { FOREVER, type FoundRun } from '../index/reader.ts';
import { summaryOf, type ApiContext } from './context.ts';
import { encodeCursor } from './cursor.ts';
import { descendantsOf } from './descendants.ts';
import { goneRuns } from './goneRuns.ts';
import { requireKey } from './lists.ts';
import { parentsOf, refKey, type FoundParent } from './parents.ts';
import { seconds, timestamp } from './time.ts';

const DEFAULT_LIMIT = 50;
/** Maximum number of runs without the key that one answer adds, and of generations above a run. */
const MAX_ANCESTORS = 200;
const MAX_GENERATIONS = 10;

interface Question {
  key: string;
  value: string;
  limit?: number | undefined;
  cursor?: [number, number, number, number] | undefined;
}

/** All runs of one value of a business key in order, with the gaps between them and what started them. */
export async function journey(context: ApiContext, query: Question): Promise<JourneyPage> {
  const { key, value } = query;
  requireKey(context, key);
  const limit = query.limit ?? DEFAULT_LIMIT;
  const [steps, total] = await Promise.all([
    context.journeys.steps(key, value, query.cursor, limit + 1),
    context.journeys.total(key, value),
  ]);
  const plain = plainNumber(value);
  // The value may be a number that the index spells differently, such as 1.0.
  if (steps.length === 0 && plain !== null && plain !== value) return journey(context, { ...query, value: plain });
  const shown = steps.slice(0, limit);
  const last = shown.at(-1);
  const now = Math.round(Math.max(...context.sources.map((source) => source.nowUs)));
  const family = await familyOf(context, query, shown);
  const isGone = await goneRuns(context, [...shown, ...family.ancestors, ...family.descendants]);
  const parents = withoutCircles(family.parents, (parent) => parent.ref);
  const view = (run: FoundRun): JourneyRun => ({
    ...summaryOf(context, run.source, run, run.keys ?? {}, isGone(run)),
    parents: parents.get(refKey(run))!.map(({ ref: _ref, run: _run, ...parent }): JourneyParent => parent),
    gap: 'busy_until' in run ? gapBefore(run as FoundStep, now) : null,
  });
  return {
    items: shown.map(view),
    next_cursor:
      steps.length > limit && last ? encodeCursor([last.waits, last.from_us, last.source_id, last.id]) : null,
    key,
    value,
    total: total && {
      runs: total.runs,
      from: timestamp(total.first_us),
      to: timestamp(total.last_us),
      seconds: seconds(total.first_us, total.last_us ?? now)!,
      gap_seconds: total.gap_us / 1e6,
    },
    ancestors: family.ancestors.map(view),
    descendants: family.descendants.map(view),
    notes: [...family.notes],
  };
}

function gapBefore({ waits, from_us, busy_until }: FoundStep, now: number): JourneyRun['gap'] {
  if (busy_until === null || busy_until === FOREVER) return null;
  if (waits) return { from: timestamp(busy_until), to: null, seconds: Math.max(0, seconds(busy_until, now)!) };
  if (busy_until >= from_us) return null;
  return { from: timestamp(busy_until), to: timestamp(from_us), seconds: seconds(busy_until, from_us)! };
}

/** Ancestors and descendants of the shown runs. Of these, runs without the key are returned beside the shown runs. */
async function familyOf(context: ApiContext, { key, value }: Question, shown: readonly FoundRun[]) {
  const parents = new Map<string, FoundParent[]>();
  const ancestors = new Map<string, FoundRun>();
  const onPage = new Set(shown.map(refKey));
  const notes = new Set<string>();
  let generation = shown;
  for (let depth = 0; generation.length > 0; depth++) {
    const found = await parentsOf(context, generation, notes);
    const next = new Map<string, FoundRun>();
    for (const run of generation) {
      const own = (found.get(refKey(run)) ?? []).filter((parent) => {
        const above = parent.run;
        if (!above || onPage.has(parent.ref) || ancestors.has(parent.ref)) return true;
        // It is on another page, where cycles are not detected: only an older run may be a parent there.
        if (above.keys?.[key]?.includes(value)) return above.at_us <= run.at_us;
        next.set(parent.ref, above);
        return true;
      });
      parents.set(refKey(run), own);
    }
    const room = depth < MAX_GENERATIONS ? MAX_ANCESTORS - ancestors.size : 0;
    if (next.size > room) notes.add('It has more parents than fit into one answer; their own pages show them.');
    generation = [...next.values()].slice(0, room);
    for (const run of generation) ancestors.set(refKey(run), run);
  }
  const below = await descendantsOf(context, key, shown, notes);
  // A run that started a run of the key is already among the ancestors.
  const descendants = below.runs.filter((run) => !ancestors.has(refKey(run)));
  for (const run of descendants) parents.set(refKey(run), below.parents.get(refKey(run))!);
  return { parents, ancestors: [...ancestors.values()], descendants, notes };
}
