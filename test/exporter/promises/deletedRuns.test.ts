import { expect, it } from 'vitest';
import { countedBy, countsOf } from '../../prometheus/promised/counts.ts';
import { scraped } from '../../prometheus/promised/exporters.ts';
import { DAGS, START } from '../../prometheus/promised/plan.ts';
import { truthOf } from '../../prometheus/promised/truth.ts';
import { newWorld, type SimRun, type World } from '../../prometheus/promised/world.ts';

const STARTED = START + 600;

/** Half an hour with one run of minute_a. Its first task starts a second after it, while the source can't be read. */
function worldWith(deletedAt: number): World {
  const world = newWorld(1, 0.5);
  const dag = DAGS.find(({ dag_id }) => dag_id === 'minute_a')!;
  const stamps = { due: STARTED - 2, logical: null, queued: STARTED - 1, start: STARTED, firstStart: STARTED + 1 };
  const run: SimRun = {
    id: 1,
    dag,
    run_type: 'scheduled',
    ...stamps,
    end: STARTED + 100,
    state: 'success',
    values: [],
    again: null,
    deletedAt,
  };
  const [first] = world.edits;
  return {
    ...world,
    runs: [run],
    changes: [{ at: START, dag_id: 'minute_a', exists: true }],
    edits: [first!],
    unreadable: [[STARTED - 5, STARTED + 60]],
  };
}

it.each([
  ['deleted before its start was read', STARTED + 30, 0],
  ['deleted after that', STARTED + 90, 1],
  ['not deleted', Infinity, 1],
])('a run that was %s', (_, deletedAt, kept) => {
  const world = worldWith(deletedAt);
  const counts = countedBy(scraped(world));
  expect(counts['starts, minute_a, kept']).toBe(kept);
  expect(counts).toEqual(countsOf(truthOf(world)));
});
