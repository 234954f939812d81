import { groupedBy } from '../../shared/groupedBy.ts';
import { iterationOf } from '../sources/iterations.ts';
import type { Micros, PastTaskRow } from '../sources/rows.ts';
import type { DagStructure, TaskStructure } from '../sources/structure.ts';
import { ranToItsEnd } from './executed.ts';

/** One transition: start of a task − end of the upstream that it waited for. */
export interface TransitionFact {
  upstream: PastTaskRow;
  task: PastTaskRow;
  /** Negative if the clocks of two machines differ. */
  us: Micros;
  /** Null if the database has no timestamp, or the timestamp is outside the interval. */
  noticed_us: Micros | null;
  queued_us: Micros | null;
  started_us: Micros | null;
}

/** Task instances of one run by task_id. */
export type TasksById = ReadonlyMap<string, readonly PastTaskRow[]>;

export function byTaskId(tasks: Iterable<PastTaskRow>): TasksById {
  return groupedBy(tasks, (task) => task.task_id);
}

/** Trigger rules by which a task starts as soon as one upstream has ended in one of these states: it waits for the first one. */
export const FIRST_OF: Readonly<Record<string, readonly string[]>> = {
  one_success: ['success'],
  one_failed: ['failed', 'upstream_failed'],
  one_done: ['success', 'failed'],
};

/**
 * The transition that led to a task. Null if its timestamps don't show one: the task did not run; this is not its first try; it was
 * rescheduled or deferred, or its run was cleared; it has no upstreams or does not wait for them (`always`); it also waits for the
 * previous run (`depends_on_past`); it is a teardown, or its last upstream is a setup; or the last upstream to end ran nothing.
 */
export function transitionTo(
  task: PastTaskRow,
  tasks: TasksById,
  structure: DagStructure,
  clearNumber: number,
): TransitionFact | null {
  const definition = structure.get(task.task_id);
  if (!definition || clearNumber > 0 || definition.is_teardown || definition.depends_on_past) return null;
  if (!isFirstStart(task, definition)) return null;
  const upstream = decidingUpstream(task, definition, tasks, structure);
  if (!upstream || structure.get(upstream.task_id)?.is_setup) return null;
  const us = task.start_us! - upstream.end_us!;
  return { upstream, task, us, ...stagesOf(upstream.end_us!, task) };
}

function isFirstStart(task: PastTaskRow, definition: TaskStructure): boolean {
  if (!ranToItsEnd(task, definition) || task.start_us === null || task.try_number > 1 || task.rescheduled) return false;
  // A deferred task is queued again when its trigger fires, but keeps its first start.
  return task.queued_us === null || task.queued_us <= task.start_us;
}

/** Cache of deciding upstreams that are the same for all instances of a task. */
const decided = new WeakMap<TasksById, Map<TaskStructure, PastTaskRow | null>>();

/** As findDeciding, but computed once for all instances of a mapped task, unless each one has its own counterparts upstream. */
function decidingUpstream(
  task: PastTaskRow,
  definition: TaskStructure,
  tasks: TasksById,
  structure: DagStructure,
): PastTaskRow | null {
  if (definition.mapped_group !== null || definition.loop !== null)
    return findDeciding(task, definition, tasks, structure);
  let known = decided.get(tasks);
  if (!known) decided.set(tasks, (known = new Map()));
  let deciding = known.get(definition);
  if (deciding === undefined) known.set(definition, (deciding = findDeciding(task, definition, tasks, structure)));
  return deciding;
}

/**
 * The upstream instance whose end let the task proceed: the first for one_*, otherwise the last one that it waited for. Null if
 * that one ran nothing, because its timestamps only show when it was skipped, or if a setup ended after it.
 */
function findDeciding(
  task: PastTaskRow,
  definition: TaskStructure,
  tasks: TasksById,
  structure: DagStructure,
): PastTaskRow | null {
  if (definition.trigger_rule === 'always') return null;
  const upstreams = upstreamIdsOf(task, definition).flatMap((id) =>
    instancesFor(task, id, tasks, definition, structure),
  );
  const wanted = FIRST_OF[definition.trigger_rule];
  const deciding = wanted
    ? earliest(upstreams.filter((upstream) => wanted.includes(upstream.state ?? '')))
    : latest(upstreams);
  const setups = definition.scope_task_ids.flatMap((id) => instancesFor(task, id, tasks, definition, structure));
  if (deciding && setups.some((setup) => setup.end_us !== null && setup.end_us > deciding.end_us!)) return null;
  return deciding && ranToItsEnd(deciding, structure.get(deciding.task_id)) ? deciding : null;
}

/** What a task waits for: its upstreams or, if it begins a later iteration of a loop, the gate of the previous iteration. */
export function upstreamIdsOf(task: PastTaskRow, { loop, upstream_task_ids: ids }: TaskStructure): readonly string[] {
  return loop?.opens && iterationOf(task.map_index) > 0 ? [loop.gate] : ids;
}

/**
 * Instances of an upstream that a task waits for: all, or only its own counterparts if both are in the same mapped group or the same
 * iteration of a loop.
 */
export function instancesFor(
  task: PastTaskRow,
  upstreamId: string,
  tasks: TasksById,
  definition: TaskStructure,
  structure: DagStructure,
): readonly PastTaskRow[] {
  const instances = tasks.get(upstreamId) ?? [];
  const upstream = structure.get(upstreamId);
  const { mapped_group: group, loop } = definition;
  if (group !== null && upstream?.mapped_group === group)
    return instances.filter((instance) => instance.map_index === task.map_index);
  if (loop === null || upstream?.loop?.group !== loop.group) return instances;
  const iteration = iterationOf(task.map_index) - (upstreamId === loop.gate ? 1 : 0);
  return instances.filter((instance) => iterationOf(instance.map_index) === iteration);
}

function latest(tasks: readonly PastTaskRow[]): PastTaskRow | null {
  return pick(tasks, (a, b) => a > b);
}

function earliest(tasks: readonly PastTaskRow[]): PastTaskRow | null {
  return pick(tasks, (a, b) => a < b);
}

function pick(tasks: readonly PastTaskRow[], better: (a: Micros, b: Micros) => boolean): PastTaskRow | null {
  let found: PastTaskRow | null = null;
  for (const task of tasks) {
    if (task.end_us !== null && (found === null || better(task.end_us, found.end_us!))) found = task;
  }
  return found;
}

/** Parts of a transition. A part that would be negative is omitted, as are the parts that use the same timestamp. */
function stagesOf(endUs: Micros, task: PastTaskRow): Pick<TransitionFact, 'noticed_us' | 'queued_us' | 'started_us'> {
  const part = (from: Micros | null, to: Micros | null): Micros | null =>
    from === null || to === null || to < from ? null : to - from;
  return {
    noticed_us: part(endUs, task.scheduled_us),
    queued_us: part(task.scheduled_us ?? endUs, task.queued_us),
    started_us: part(task.queued_us, task.start_us),
  };
}
