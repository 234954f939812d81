import type { GanttSegment, GanttTask } from './model.ts';

/** The last time drawn for a task instance; `now` while it is unfinished; null if nothing is drawn. */
export function lastDrawn(task: GanttTask, now: number): number | null {
  if (task.start === null) return null;
  return task.end ?? Math.max(task.start, now);
}

/** The last running segment of a task instance. */
export function lastRun(task: GanttTask): GanttSegment | undefined {
  return task.attempts
    .flatMap((attempt) => attempt.segments)
    .filter((segment) => segment.kind === 'running')
    .at(-1);
}
