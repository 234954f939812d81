import { lastRun } from './extent.ts';
import type { GanttTask } from './model.ts';
import type { Lane } from './paintBars.ts';
import type { Palette } from './palette.ts';

/** When the last attempt usually ends, in epoch milliseconds; null if the task has not started or this is unknown. */
export function usualEnd(task: GanttTask): number | null {
  const run = lastRun(task);
  if (!run) return null;
  if (run.to === null && task.expectedEnd !== null) return task.expectedEnd;
  return task.usualSeconds === null ? null : run.from + task.usualSeconds * 1000;
}

/** Draws a bracket where the task usually ends. For a running task, dashes lead from its bar to the bracket. */
export function paintUsualEnd(ctx: CanvasRenderingContext2D, task: GanttTask, lane: Lane, palette: Palette): void {
  const end = usualEnd(task);
  if (end === null) return;
  const at = Math.round(lane.x(end)) + 0.5;
  const [top, bottom, middle] = [lane.top - 1.5, lane.top + lane.height + 1.5, lane.top + lane.height / 2];
  ctx.strokeStyle = palette.text;
  ctx.lineWidth = 1.25;
  if (lastRun(task)!.to === null && end > lane.now) {
    ctx.setLineDash([4, 3]);
    ctx.beginPath();
    ctx.moveTo(Math.max(0, lane.x(lane.now) + 6), middle);
    ctx.lineTo(Math.min(lane.width, at), middle);
    ctx.stroke();
    ctx.setLineDash([]);
  }
  if (at < 0 || at > lane.width) return;
  ctx.beginPath();
  ctx.moveTo(at - 3, top);
  ctx.lineTo(at, top);
  ctx.lineTo(at, bottom);
  ctx.lineTo(at - 3, bottom);
  ctx.stroke();
}
