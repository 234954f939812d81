import type { GanttAttempt, GanttSegment, GanttTask, SegmentKind } from './model.ts';

/** Milliseconds of one segment; an unfinished segment counts until `now`. */
export function segmentLength(segment: GanttSegment, now: number): number {
  return Math.max(0, (segment.to ?? now) - segment.from);
}

/** Milliseconds of an attempt in each kind of segment; null for kinds that it does not have. */
export function spentIn(attempt: GanttAttempt | undefined, kind: SegmentKind, now: number): number | null {
  let spent: number | null = null;
  for (const segment of attempt?.segments ?? []) {
    if (segment.kind === kind) spent = (spent ?? 0) + segmentLength(segment, now);
  }
  return spent;
}

/** Milliseconds that a task instance ran, over all its attempts. */
export function workOf(task: GanttTask, now: number): number {
  return task.attempts.reduce((sum, attempt) => sum + (spentIn(attempt, 'running', now) ?? 0), 0);
}

/** Milliseconds that it was ready: waiting for the scheduler and for a slot, over all its attempts. */
export function waitOf(task: GanttTask, now: number): number {
  const waited = (attempt: GanttAttempt) =>
    (spentIn(attempt, 'scheduler', now) ?? 0) + (spentIn(attempt, 'slot', now) ?? 0);
  return task.attempts.reduce((sum, attempt) => sum + waited(attempt), 0);
}
