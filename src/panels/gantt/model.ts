import type { TaskInstanceState } from '../../../shared/states.ts';

/**
 * What the Gantt draws. Times are epoch milliseconds. An attempt is a chain of segments; `to` is null while a segment
 * lasts, so that the same model is right a second later.
 *
 * - `retry_delay`: the attempt before it ended → the scheduler was allowed to take it up again
 * - `scheduler`: the last upstream ended → queued_at: only the scheduler was needed
 * - `slot`: queued_at → start_date: it waited for a slot of the executor
 * - `running`: start_date → end_date
 * - `gap`: nothing was at work before this run (a journey's rows alone)
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
  /** Where a mark is drawn for an attempt that never ran (skipped, upstream failed) or lacks its start; null if segments say all. */
  markAt: number | null;
}

export interface GanttTask {
  /** Unique in the model: the run (where there are several), task_id and map_index. */
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
  /** Why it does not go on, in a sentence; null for what runs or has ended. */
  waiting: string | null;
  /** Median of its last successful attempts, in seconds; null until there are any. */
  usualSeconds: number | null;
  /** When it will end by usual durations, in epoch milliseconds; null when it has ended or nothing is known. */
  expectedEnd: number | null;
  /** Oldest first; the last is the newest. */
  attempts: GanttAttempt[];
  /** Place in an order in which every upstream comes first; tells apart what has not started. */
  rank: number;
  /** Stamps that should be there in this state and are not, e.g. `start_date`. */
  missing: string[];
  /** First and last moment drawn; null where nothing can be drawn. `end` is null while it lasts. */
  start: number | null;
  end: number | null;
}

export interface GanttModel {
  tasks: GanttTask[];
  /** What a row is: a task instance, or a whole run (of a journey). */
  rows: 'tasks' | 'runs';
  /** Several runs in the frames: rows carry the run's name. */
  manyRuns: boolean;
  /** Keys of the tasks on the critical path, in the order in which they ran. */
  criticalPath: string[];
  /** First moment of the chart; null where nothing has a stamp. */
  start: number | null;
  /** Last moment stamped; what still lasts goes on from there. */
  end: number | null;
  /** The source's clock when this was answered, in epoch milliseconds; null where it is unknown. */
  answeredAt: number | null;
  /** When the last task that runs now usually ends; null where that is not known. */
  expectedEnd: number | null;
  /** Something still waits or runs: a now-line is drawn. */
  live: boolean;
  /** For people: why something is missing. */
  notes: string[];
}

/** A task instance that was chosen. */
export interface TaskSelection {
  source: string;
  dagId: string;
  runId: string;
  taskId: string;
  /** −1 for a task that is not mapped. */
  mapIndex: number;
}
