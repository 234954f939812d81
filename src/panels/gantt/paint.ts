import { formatMilliseconds } from '../../data/duration.ts';
import { lastDrawn, lastRun } from './extent.ts';
import type { GanttTask } from './model.ts';
import type { Palette } from './palette.ts';
import { paintAttempt, paintSegment, type Lane } from './paintBars.ts';
import { paintUsualEnd, usualEnd } from './paintUsualEnd.ts';
import type { GanttRow } from './rows.ts';
import type { Tick } from './ticks.ts';
import { waitOf, workOf } from './timing.ts';
import { fractionAt, type TimeWindow } from './timeWindow.ts';

/** A slice of the rows to paint; all sizes in CSS pixels. */
export interface Scene {
  rows: readonly GanttRow[];
  /** Index (in all rows) of the first row drawn, which is at y = 0. */
  firstRow: number;
  rowHeight: number;
  width: number;
  height: number;
  window: TimeWindow;
  ticks: readonly Tick[];
  now: number;
  live: boolean;
  showCriticalPath: boolean;
  /** Row index of each task on the critical path that has a row, in the path's order. */
  criticalRows: readonly { row: number; task: GanttTask }[];
}

/** Paints the slice. The cost grows with the rows on the screen, not with the rows of the run. */
export function paintScene(ctx: CanvasRenderingContext2D, scene: Scene, palette: Palette): void {
  const x = (at: number) => fractionAt(scene.window, at) * scene.width;
  paintGrid(ctx, scene, palette, x);
  if (scene.showCriticalPath) paintCriticalLinks(ctx, scene, palette, x);
  const count = Math.ceil(scene.height / scene.rowHeight);
  for (let offset = 0; offset < count; offset++) {
    const row = scene.rows[scene.firstRow + offset];
    if (row) paintRow(ctx, row, laneOf(scene, offset, x), scene, palette);
  }
  if (scene.live) paintNow(ctx, scene, palette, x(scene.now));
}

function laneOf(scene: Scene, offset: number, x: (at: number) => number): Lane {
  const height = Math.round(scene.rowHeight * 0.56);
  const top = offset * scene.rowHeight + Math.floor((scene.rowHeight - height) / 2);
  return { top, height, x, now: scene.now, width: scene.width };
}

function paintGrid(ctx: CanvasRenderingContext2D, scene: Scene, palette: Palette, x: (at: number) => number): void {
  ctx.fillStyle = palette.grid;
  for (const tick of scene.ticks) ctx.fillRect(Math.round(x(tick.at)), 0, 1, scene.height);
}

function paintRow(ctx: CanvasRenderingContext2D, row: GanttRow, lane: Lane, scene: Scene, palette: Palette): void {
  if (row.kind !== 'task') {
    const thin = { ...lane, top: lane.top + 3, height: lane.height - 6 };
    ctx.globalAlpha = 0.75;
    for (const segment of row.segments) paintSegment(ctx, thin, segment, palette.state(row.state), palette);
    ctx.globalAlpha = 1;
    return;
  }
  const { task } = row;
  for (const attempt of task.attempts) paintAttempt(ctx, lane, attempt, attempt === task.attempts.at(-1), palette);
  paintUsualEnd(ctx, task, lane, palette);
  if (scene.showCriticalPath && task.critical) underline(ctx, task, lane, palette);
  paintDuration(ctx, task, lane, palette);
}

/** Marks the critical path in the row: a line below the time from when the task was ready until its end. */
function underline(ctx: CanvasRenderingContext2D, task: GanttTask, lane: Lane, palette: Palette): void {
  const end = lastDrawn(task, lane.now);
  if (task.start === null || end === null) return;
  const left = Math.max(0, lane.x(task.start));
  const right = Math.min(lane.width, lane.x(end));
  if (right < left) return;
  ctx.fillStyle = palette.critical;
  ctx.fillRect(left, lane.top + lane.height + 1.5, Math.max(2, right - left), 2);
}

/** Writes the duration behind the bar, or in front of it if there is no room behind. */
function paintDuration(ctx: CanvasRenderingContext2D, task: GanttTask, lane: Lane, palette: Palette): void {
  const end = lastDrawn(task, lane.now);
  if (end === null || task.start === null) return;
  const text = durationText(task, lane.now);
  if (text === '') return;
  const right = lane.x(end);
  const left = lane.x(task.start);
  if (right < 0 || left > lane.width) return;
  ctx.font = palette.font;
  ctx.textBaseline = 'middle';
  ctx.fillStyle = palette.textSecondary;
  const wide = ctx.measureText(text).width;
  const middle = lane.top + lane.height / 2 + 0.5;
  const gap = task.end === null || task.state === 'failed' ? 10 : 6;
  const start = pastUsualEnd(task, lane, right + gap, wide);
  const behind = start + wide < lane.width;
  if (!behind && left - 6 - wide <= 0) return;
  const at = behind ? start : left - 6 - wide;
  // Clears grid lines and links behind the text. An outline around the letters costs many times as much per frame of a zoom.
  ctx.clearRect(at - 2, lane.top, wide + 4, lane.height);
  ctx.fillText(text, at, middle);
}

/** Where the text starts: after the mark of the usual end if they would overlap. */
function pastUsualEnd(task: GanttTask, lane: Lane, start: number, wide: number): number {
  const end = usualEnd(task);
  const at = end === null ? null : lane.x(end);
  return at !== null && at > start - 6 && at < start + wide + 6 ? at + 6 : start;
}

/** The time it ran, or the time it waited if it has not run; `?` if the source lacks a timestamp that this needs. */
function durationText(task: GanttTask, now: number): string {
  if (task.missing.includes('start_date') || task.missing.includes('end_date')) return '?';
  const ran = task.attempts.some((attempt) => attempt.segments.some((segment) => segment.kind === 'running'));
  const ms = ran ? workOf(task, now) : waitOf(task, now);
  return ran || ms > 0 ? formatMilliseconds(ms) : '';
}

/** Draws the critical path between rows: from the end of one task to the start of the next. */
function paintCriticalLinks(
  ctx: CanvasRenderingContext2D,
  scene: Scene,
  palette: Palette,
  x: (at: number) => number,
): void {
  ctx.strokeStyle = palette.critical;
  ctx.lineWidth = 1;
  ctx.globalAlpha = 0.6;
  ctx.beginPath();
  const middle = (row: number) => (row - scene.firstRow + 0.5) * scene.rowHeight;
  for (let step = 1; step < scene.criticalRows.length; step++) {
    const before = scene.criticalRows[step - 1]!;
    const after = scene.criticalRows[step]!;
    const from = lastRun(before.task)?.to;
    if (from == null || after.task.start === null || before.row === after.row) continue;
    const [top, bottom] = [middle(before.row), middle(after.row)];
    if (Math.max(top, bottom) < 0 || Math.min(top, bottom) > scene.height) continue;
    const at = Math.round(x(from)) + 0.5;
    if (at < 0 || at > scene.width) continue;
    ctx.moveTo(at, top);
    ctx.lineTo(at, bottom);
  }
  ctx.stroke();
  ctx.globalAlpha = 1;
}

function paintNow(ctx: CanvasRenderingContext2D, scene: Scene, palette: Palette, x: number): void {
  if (x < 0 || x > scene.width) return;
  ctx.fillStyle = palette.now;
  ctx.fillRect(Math.round(x), 0, 1.5, scene.height);
}
