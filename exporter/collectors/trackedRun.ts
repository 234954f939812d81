import { isFinishedTask } from '../../shared/states.ts';
import { countedEnd, isNewlyFinished, type CountedEnd } from '../flow/attempts.ts';
import { observeTask, type Observation } from '../flow/observations.ts';
import { byTaskId, transitionTo } from '../flow/transitions.ts';
import type { EmittedTask } from '../index/rows.ts';
import { taskKey, type Micros, type RunKeys, type RunRow, type TaskRow } from '../sources/rows.ts';
import type { DagStructure } from '../sources/structure.ts';

/** The structure that a task instance of a run was made from; null where it can't be read. */
export type StructureOf = (task: Pick<TaskRow, 'version'>, run: RunRow) => DagStructure | null;

/** A run under observation: its newest rows, and which of its task instances are in the counters. Never changed, only replaced. */
export interface TrackedRun {
  readonly run: RunRow;
  /** Values by business key; null in an exporter that only watches. */
  readonly keys: RunKeys['keys'] | null;
  readonly tasks: ReadonlyMap<string, TaskRow>;
  /** Ends that are counted, by taskKey. */
  readonly emitted: ReadonlyMap<string, CountedEnd>;
}

export function trackedRun(
  run: RunRow,
  rows: readonly TaskRow[] = [],
  keys: RunKeys['keys'] | null = null,
): TrackedRun {
  return withRows({ run, keys, tasks: new Map(), emitted: new Map() }, run, rows);
}

/** The run as it is now. The first instance of an expanded task takes the place of the unexpanded row. */
export function withRows(tracked: TrackedRun, run: RunRow, changed: readonly TaskRow[]): TrackedRun {
  if (changed.length === 0) return { ...tracked, run };
  const tasks = new Map(tracked.tasks);
  for (const row of changed) {
    tasks.set(taskKey(row), row);
    if (row.map_index >= 0) tasks.delete(taskKey({ task_id: row.task_id, map_index: -1 }));
  }
  return { ...tracked, run, tasks };
}

/** An end that is written a second time is moved by less than this. */
const REWRITTEN_US = 5e6;

/**
 * Marks what had ended by a moment as counted: it is history (`first-seen`), or it was counted when the run ended before
 * (`run-ended`), after which an end may have been written a second time.
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

/** What of a run's rows is to be counted now, and the run with the marks that keep it from being counted again. */
export interface Counted {
  tracked: TrackedRun;
  observations: Observation[];
  marks: EmittedTask[];
}

/** Observations of what has ended among `candidates` since the last time. */
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
  // The end of an attempt that was counted may have been written a second time.
  for (const task of tracked.tasks.values())
    if (tracked.emitted.has(taskKey(task))) until = Math.max(until, task.end_us ?? 0);
  return until;
}

/** Longest transition of a run; null when it has none. */
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
