import type { GanttAttempt, GanttSegment, GanttTask, SegmentKind } from './model.ts';

/** Milliseconds of one segment; what lasts is counted to `now`. */
export function segmentLength(segment: GanttSegment, now: number): number {
  return Math.max(0, (segment.to ?? now) - segment.from);
}

/** Milliseconds that an attempt spent in each kind of segment; null where it has none of that kind. */
export function spentIn(attempt: GanttAttempt | undefined, kind: SegmentKind, now: number): number | null {
  let spent: number | null = null;
  for (const segment of attempt?.segments ?? []) {
    if (segment.kind === kind) spent = (spent ?? 0) + segmentLength(segment, now);
  }
  return spent;
}

/** Milliseconds a task instance spent running, in all its attempts. */
export function workOf(task: GanttTask, now: number): number {
  return task.attempts.reduce((sum, attempt) => sum + (spentIn(attempt, 'running', now) ?? 0), 0);
}

/** Milliseconds it stood ready: waiting for the scheduler and for a slot, in all its attempts. */
export function waitOf(task: GanttTask, now: number): number {
  const waited = (attempt: GanttAttempt) =>
    (spentIn(attempt, 'scheduler', now) ?? 0) + (spentIn(attempt, 'slot', now) ?? 0);
  return task.attempts.reduce((sum, attempt) => sum + waited(attempt), 0);
}
