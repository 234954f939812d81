import { isFinishedTask } from '../../shared/states.ts';
import { countedEnd, isNewlyFinished, type CountedEnd } from '../flow/attempts.ts';
import { observeTask, type Observation } from '../flow/observations.ts';
import { byTaskId, transitionTo } from '../flow/transitions.ts';
import type { EmittedTask } from '../index/rows.ts';
import { taskKey, type Micros, type RunKeys, type RunRow, type TaskRow } from '../sources/rows.ts';
import type { DagStructure } from '../sources/structure.ts';

/** The structure that a task instance was created from; null if it can't be read. */
export type StructureOf = (task: Pick<TaskRow, 'version'>, run: RunRow) => DagStructure | null;

/** An active run: its newest rows, and which of its task instances are counted. Immutable. */
export interface TrackedRun {
  readonly run: RunRow;
  /** Values by business key; null in an exporter that is not the leader. */
  readonly keys: RunKeys['keys'] | null;
  readonly tasks: ReadonlyMap<string, TaskRow>;
  /** Counted ends, by taskKey. */
  readonly emitted: ReadonlyMap<string, CountedEnd>;
}

export function trackedRun(
  run: RunRow,
  rows: readonly TaskRow[] = [],
  keys: RunKeys['keys'] | null = null,
): TrackedRun {
  return withRows({ run, keys, tasks: new Map(), emitted: new Map() }, run, rows);
}

/** The run with its newest rows. The first instance of an expanded task replaces the unexpanded row. */
export function withRows(tracked: TrackedRun, run: RunRow, changed: readonly TaskRow[]): TrackedRun {
  if (changed.length === 0) return { ...tracked, run };
  const tasks = new Map(tracked.tasks);
  for (const row of changed) {
    tasks.set(taskKey(row), row);
    if (row.map_index >= 0) tasks.delete(taskKey({ task_id: row.task_id, map_index: -1 }));
  }
  return { ...tracked, run, tasks };
}

/** If an end is written a second time, the two timestamps differ by less than this. */
const REWRITTEN_US = 5e6;

/**
 * Marks everything that had ended by a moment as counted: because it is history (`first-seen`), or because it was counted when
 * the run ended before (`run-ended`). In the latter case, an end may have been written a second time.
 */
export function withHistory(
  tracked: TrackedRun,
  untilUs: Micros,
  because: 'first-seen' | 'run-ended',
): { tracked: TrackedRun; marks: EmittedTask[] } {
  const slackUs = because === 'run-ended' ? REWRITTEN_US : 0;
  const ended = [...tracked.tasks.values()].filter((task) => {
    const end = task.end_us ?? 0;
    return isFinishedTask(task.state) && (end <= untilUs || (startedBy(task, untilUs) && end <= untilUs + slackUs));
  });
  return { tracked: withMarks(tracked, ended), marks: ended.map(markOf) };
}

function startedBy({ start_us }: TaskRow, us: Micros): boolean {
  return start_us !== null && start_us <= us;
}

/** What to count now, and the run with marks that prevent counting it again. */
export interface Counted {
  tracked: TrackedRun;
  observations: Observation[];
  marks: EmittedTask[];
}

/** Observations for those of `candidates` that have ended since the last call. */
export function counted(tracked: TrackedRun, candidates: Iterable<TaskRow>, structureOf: StructureOf): Counted {
  const finished = [...candidates].filter((task) => isNewlyFinished(task, tracked.emitted.get(taskKey(task))));
  if (finished.length === 0) return { tracked, observations: [], marks: [] };
  const tasks = byTaskId(tracked.tasks.values());
  const observations = finished.flatMap((task) =>
    observeTask(task, tracked.run, tasks, structureOf(task, tracked.run)),
  );
  return { tracked: withMarks(tracked, finished), observations, marks: finished.map(markOf) };
}

function withMarks(tracked: TrackedRun, ended: readonly TaskRow[]): TrackedRun {
  if (ended.length === 0) return tracked;
  const emitted = new Map(tracked.emitted);
  for (const task of ended) emitted.set(taskKey(task), countedEnd(task));
  return { ...tracked, emitted };
}

function markOf(task: TaskRow): EmittedTask {
  return { run: task.run, task_id: task.task_id, map_index: task.map_index, ...countedEnd(task) };
}

/** Up to when the task instances of a finished run are counted. */
export function countedUntil(tracked: TrackedRun): Micros {
  let until = tracked.run.end_us ?? 0;
  for (const { end_us: end } of tracked.emitted.values()) until = Math.max(until, end);
  // The end of a counted try may have been written a second time.
  for (const task of tracked.tasks.values())
    if (tracked.emitted.has(taskKey(task))) until = Math.max(until, task.end_us ?? 0);
  return until;
}

/** Longest transition of a run; null if it has none. */
export function slowestTransition(tracked: TrackedRun, structureOf: StructureOf): Micros | null {
  const tasks = byTaskId(tracked.tasks.values());
  let slowest: Micros | null = null;
  for (const task of tracked.tasks.values()) {
    const structure = structureOf(task, tracked.run);
    const fact = structure && transitionTo(task, tasks, structure, tracked.run.clear_number);
    if (fact && fact.us > (slowest ?? -Infinity)) slowest = fact.us;
  }
  return slowest;
}
