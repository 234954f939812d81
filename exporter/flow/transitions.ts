import { groupedBy } from '../../shared/groupedBy.ts';
import { iterationOf } from '../sources/iterations.ts';
import type { Micros, TaskRow } from '../sources/rows.ts';
import type { DagStructure, TaskStructure } from '../sources/structure.ts';
import { ranToItsEnd } from './executed.ts';

/** One edge over which a run went on: start(next) − end(the upstream that it waited for). */
export interface TransitionFact {
  upstream: TaskRow;
  task: TaskRow;
  /** Negative where the clocks of two machines differ. */
  us: Micros;
  /** Null where the database has no stamp, or where a stamp lies outside of the interval. */
  noticed_us: Micros | null;
  queued_us: Micros | null;
  started_us: Micros | null;
}

/** Task instances of one run by task_id. */
export type TasksById = ReadonlyMap<string, readonly TaskRow[]>;

export function byTaskId(tasks: Iterable<TaskRow>): TasksById {
  return groupedBy(tasks, (task) => task.task_id);
}

/** Rules that a task starts under as soon as one upstream has ended in a wanted state; they waited for the first. */
export const FIRST_OF: Readonly<Record<string, readonly string[]>> = {
  one_success: ['success'],
  one_failed: ['failed', 'upstream_failed'],
  one_done: ['success', 'failed'],
};

/**
 * The transition that led to a task, or null where its stamps do not tell one: it did not run; not its first attempt; it
 * was rescheduled, deferred or its run cleared; it has no upstream or waits for none (`always`); it is a teardown or its
 * last upstream a setup; or the last upstream that ended is one in which nothing ran, so that the waiting was for that.
 */
export function transitionTo(
  task: TaskRow,
  tasks: TasksById,
  structure: DagStructure,
  clearNumber: number,
): TransitionFact | null {
  const definition = structure.get(task.task_id);
  if (!definition || clearNumber > 0 || definition.is_teardown || !isFirstStart(task, definition)) return null;
  const upstream = decidingUpstream(task, definition, tasks, structure);
  if (!upstream || structure.get(upstream.task_id)?.is_setup) return null;
  const us = task.start_us! - upstream.end_us!;
  return { upstream, task, us, ...stagesOf(upstream.end_us!, task) };
}

function isFirstStart(task: TaskRow, definition: TaskStructure): boolean {
  if (!ranToItsEnd(task, definition) || task.start_us === null || task.try_number > 1 || task.rescheduled) return false;
  // A deferred task is queued a second time when its trigger fires, and keeps its first start.
  return task.queued_us === null || task.queued_us <= task.start_us;
}

/** Deciding upstreams that are the same for all instances of a task, by the run's tasks and the definition. */
const decided = new WeakMap<TasksById, Map<TaskStructure, TaskRow | null>>();

/** As findDeciding, but once for all instances of a mapped task, unless each of them has its own counterparts upstream. */
function decidingUpstream(
  task: TaskRow,
  definition: TaskStructure,
  tasks: TasksById,
  structure: DagStructure,
): TaskRow | null {
  if (definition.mapped_group !== null || definition.loop !== null)
    return findDeciding(task, definition, tasks, structure);
  let known = decided.get(tasks);
  if (!known) decided.set(tasks, (known = new Map()));
  let deciding = known.get(definition);
  if (deciding === undefined) known.set(definition, (deciding = findDeciding(task, definition, tasks, structure)));
  return deciding;
}

/**
 * The upstream instance whose end let the task go: the first for one_*, else the last of all that it waited for. Null where
 * nothing ran in that one: its stamps are those of a decision.
 */
function findDeciding(
  task: TaskRow,
  definition: TaskStructure,
  tasks: TasksById,
  structure: DagStructure,
): TaskRow | null {
  if (definition.trigger_rule === 'always') return null;
  const upstreams = upstreamIdsOf(task, definition).flatMap((id) =>
    instancesFor(task, id, tasks, definition, structure),
  );
  const wanted = FIRST_OF[definition.trigger_rule];
  const deciding = wanted
    ? earliest(upstreams.filter((upstream) => wanted.includes(upstream.state ?? '')))
    : latest(upstreams);
  return deciding && ranToItsEnd(deciding, structure.get(deciding.task_id)) ? deciding : null;
}

/** What a task waits for: its upstreams or, where it opens a later iteration of a loop, the gate of the one before. */
export function upstreamIdsOf(task: TaskRow, { loop, upstream_task_ids: ids }: TaskStructure): readonly string[] {
  return loop?.opens && iterationOf(task.map_index) > 0 ? [loop.gate] : ids;
}

/**
 * Instances of an upstream that a task waits for: all, or its own counterparts, where one mapped group or one iteration of a
 * loop holds both.
 */
export function instancesFor(
  task: TaskRow,
  upstreamId: string,
  tasks: TasksById,
  definition: TaskStructure,
  structure: DagStructure,
): readonly TaskRow[] {
  const instances = tasks.get(upstreamId) ?? [];
  const upstream = structure.get(upstreamId);
  const { mapped_group: group, loop } = definition;
  if (group !== null && upstream?.mapped_group === group)
    return instances.filter((instance) => instance.map_index === task.map_index);
  if (loop === null || upstream?.loop?.group !== loop.group) return instances;
  const iteration = iterationOf(task.map_index) - (upstreamId === loop.gate ? 1 : 0);
  return instances.filter((instance) => iterationOf(instance.map_index) === iteration);
}

function latest(tasks: readonly TaskRow[]): TaskRow | null {
  return pick(tasks, (a, b) => a > b);
}

function earliest(tasks: readonly TaskRow[]): TaskRow | null {
  return pick(tasks, (a, b) => a < b);
}

function pick(tasks: readonly TaskRow[], better: (a: Micros, b: Micros) => boolean): TaskRow | null {
  let found: TaskRow | null = null;
  for (const task of tasks) {
    if (task.end_us !== null && (found === null || better(task.end_us, found.end_us!))) found = task;
  }
  return found;
}

/** Parts of a transition; a part that would be negative is left out together with what depends on the same stamp. */
function stagesOf(endUs: Micros, task: TaskRow): Pick<TransitionFact, 'noticed_us' | 'queued_us' | 'started_us'> {
  const part = (from: Micros | null, to: Micros | null): Micros | null =>
    from === null || to === null || to < from ? null : to - from;
  return {
    noticed_us: part(endUs, task.scheduled_us),
    queued_us: part(task.scheduled_us ?? endUs, task.queued_us),
    started_us: part(task.queued_us, task.start_us),
  };
}
