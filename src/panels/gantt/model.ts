import type { TaskInstanceState } from '../../../shared/states.ts';

/**
 * What the Gantt draws. Times are epoch milliseconds. An attempt is a chain of segments; `to` is null while a segment is
 * unfinished, so that the model needs no update as time passes.
 *
 * - `retry_delay`: the attempt before it ended → the scheduler was allowed to schedule it again
 * - `scheduler`: the last upstream ended → queued_at: it waited only for the scheduler
 * - `slot`: queued_at → start_date: it waited for a slot of the executor
 * - `running`: start_date → end_date
 * - `gap`: nothing ran before this run (rows of a journey only)
 */
export const SEGMENT_KINDS = ['retry_delay', 'scheduler', 'slot', 'running', 'gap'] as const;
export type SegmentKind = (typeof SEGMENT_KINDS)[number];

export interface GanttSegment {
  kind: SegmentKind;
  from: number;
  to: number | null;
}

export interface GanttAttempt {
  tryNumber: number;
  state: TaskInstanceState;
  segments: GanttSegment[];
  /** Place of the mark for an attempt that never ran (skipped, upstream failed) or lacks its start; null if segments show all. */
  markAt: number | null;
}

export interface GanttTask {
  /** Unique in the model: the run (if there are several), task_id and map_index. */
  key: string;
  source: string;
  dagId: string;
  runId: string;
  taskId: string;
  /** −1 for a task that is not mapped. */
  mapIndex: number;
  state: TaskInstanceState;
  taskGroup: string | null;
  operator: string | null;
  pool: string | null;
  queue: string | null;
  hostname: string | null;
  critical: boolean;
  /** Why it waits, as a sentence; null if it runs or has ended. */
  waiting: string | null;
  /** Median of its last successful attempts, in seconds; null until there are any. */
  usualSeconds: number | null;
  /** When it usually ends, in epoch milliseconds; null if it has ended or its usual duration is unknown. */
  expectedEnd: number | null;
  /** Oldest first. */
  attempts: GanttAttempt[];
  /** Position in an order in which every upstream comes first; sorts tasks that have not started. */
  rank: number;
  /** Timestamps that this state requires and the source lacks, e.g. `start_date`. */
  missing: string[];
  /** First and last time drawn; null if nothing can be drawn. `end` is null while it is unfinished. */
  start: number | null;
  end: number | null;
}

export interface GanttModel {
  tasks: GanttTask[];
  /** What the rows are: task instances, or runs (of a journey). */
  rows: 'tasks' | 'runs';
  /** The frames contain several runs, so rows show the name of their run. */
  manyRuns: boolean;
  /** Keys of the tasks on the critical path, in the order in which they ran. */
  criticalPath: string[];
  /** First time of the chart; null if there are no timestamps. */
  start: number | null;
  /** Last timestamp; unfinished segments go on from there. */
  end: number | null;
  /** The source's clock when it answered, in epoch milliseconds; null if unknown. */
  answeredAt: number | null;
  /** When the last of the running tasks usually ends; null if unknown. */
  expectedEnd: number | null;
  /** Something still waits or runs, so the chart draws a now-line. */
  live: boolean;
  /** Messages to the user about missing data. */
  notes: string[];
}

/** A task instance that the user selected. */
export interface TaskSelection {
  source: string;
  dagId: string;
  runId: string;
  taskId: string;
  /** −1 for a task that is not mapped. */
  mapIndex: number;
}
