import { isFinishedTask } from '../../shared/states.ts';
import { isNewlyFinished, observeTask, type Observation } from '../flow/observations.ts';
import { byTaskId, transitionTo } from '../flow/transitions.ts';
import type { EmittedTask } from '../index/rows.ts';
import { taskKey, type Micros, type RunRow, type TaskRow } from '../sources/rows.ts';
import type { DagStructure } from '../sources/structure.ts';

/** A run under observation: its newest rows, and which of its task instances are in the counters. */
export interface TrackedRun {
  run: RunRow;
  tasks: Map<string, TaskRow>;
  /** Ends that are counted, by taskKey. */
  emitted: Map<string, Micros>;
}

export function trackedRun(run: RunRow): TrackedRun {
  return { run, tasks: new Map(), emitted: new Map() };
}

/** Takes over rows that were read. The first instance of an expanded task takes the place of the unexpanded row. */
export function merge(tracked: TrackedRun, rows: readonly TaskRow[]): void {
  for (const row of rows) {
    tracked.tasks.set(taskKey(row), row);
    if (row.map_index >= 0) tracked.tasks.delete(taskKey({ task_id: row.task_id, map_index: -1 }));
  }
}

/** Marks what had ended by a moment as counted: it was, before this run was tracked, or it is history. */
export function markCounted(tracked: TrackedRun, untilUs: Micros): EmittedTask[] {
  const ended = [...tracked.tasks.values()].filter(
    (task) => isFinishedTask(task.state) && (task.end_us ?? 0) <= untilUs,
  );
  return ended.map((task) => markEmitted(tracked, task));
}

/** Observations of what ended since the last time, and the marks that keep it from being counted again. */
export function drain(
  tracked: TrackedRun,
  candidates: Iterable<TaskRow>,
  structureOf: (task: TaskRow, run: RunRow) => DagStructure | null,
): { observations: Observation[]; emitted: EmittedTask[] } {
  const finished = [...candidates].filter((task) => isNewlyFinished(task, tracked.emitted.get(taskKey(task))));
  if (finished.length === 0) return { observations: [], emitted: [] };
  const tasks = byTaskId(tracked.tasks.values());
  const observations = finished.flatMap((task) =>
    observeTask(task, tracked.run, tasks, structureOf(task, tracked.run)),
  );
  return { observations, emitted: finished.map((task) => markEmitted(tracked, task)) };
}

function markEmitted(tracked: TrackedRun, task: TaskRow): EmittedTask {
  const end = task.end_us ?? 0;
  tracked.emitted.set(taskKey(task), end);
  return { run: task.run, task_id: task.task_id, map_index: task.map_index, end_us: end };
}

/** Up to when the task instances of a finished run are counted. */
export function countedUntil(tracked: TrackedRun): Micros {
  let until = tracked.run.end_us ?? 0;
  for (const end of tracked.emitted.values()) until = Math.max(until, end);
  return until;
}

/** Longest transition of a run; null when it has none. */
export function slowestTransition(
  tracked: TrackedRun,
  structureOf: (task: TaskRow, run: RunRow) => DagStructure | null,
): Micros | null {
  const tasks = byTaskId(tracked.tasks.values());
  let slowest: Micros | null = null;
  for (const task of tracked.tasks.values()) {
    const structure = structureOf(task, tracked.run);
    const fact = structure && transitionTo(task, tasks, structure, tracked.run.clear_number);
    if (fact && fact.us > (slowest ?? -Infinity)) slowest = fact.us;
  }
  return slowest;
}
