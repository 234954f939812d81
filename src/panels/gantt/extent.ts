import type { GanttSegment, GanttTask } from './model.ts';

/** The last moment drawn of a task instance; `now` for one that lasts; null where nothing is drawn. */
export function lastDrawn(task: GanttTask, now: number): number | null {
  if (task.start === null) return null;
  return task.end ?? Math.max(task.start, now);
}

/** The last stretch of work of a task instance. */
export function lastRun(task: GanttTask): GanttSegment | undefined {
  return task.attempts
    .flatMap((attempt) => attempt.segments)
    .filter((segment) => segment.kind === 'running')
    .at(-1);
}
