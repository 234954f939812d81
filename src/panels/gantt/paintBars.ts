import type { GanttAttempt, GanttSegment } from './model.ts';
import type { Palette } from './palette.ts';

/** The box of one row's bars in CSS pixels, and the conversion of times to x. */
export interface Lane {
  top: number;
  height: number;
  x: (at: number) => number;
  now: number;
  /** Visible range of the chart in pixels; nothing outside of it is drawn. */
  width: number;
}

const MIN_BAR = 2;

/** Paints one attempt: waits as patterns, work as a solid bar whose end shows the outcome. Earlier attempts are paler. */
export function paintAttempt(
  ctx: CanvasRenderingContext2D,
  lane: Lane,
  attempt: GanttAttempt,
  newest: boolean,
  palette: Palette,
) {
  ctx.globalAlpha = newest ? 1 : 0.5;
  for (const segment of attempt.segments) paintSegment(ctx, lane, segment, palette.state(attempt.state), palette);
  const last = attempt.segments.at(-1);
  if (attempt.state === 'failed' && last?.kind === 'running') {
    paintCross(ctx, lane.x(last.to ?? lane.now), lane, palette);
  }
  if (attempt.markAt !== null) paintDiamond(ctx, lane.x(attempt.markAt), lane, palette.state(attempt.state));
  ctx.globalAlpha = 1;
}

/** Paints one segment; `color` is the colour of work. */
export function paintSegment(
  ctx: CanvasRenderingContext2D,
  lane: Lane,
  segment: GanttSegment,
  color: string,
  palette: Palette,
) {
  const left = Math.max(-20, lane.x(segment.from));
  const right = Math.min(lane.width + 20, lane.x(segment.to ?? lane.now));
  if (right < 0 || left > lane.width) return;
  const width = Math.max(segment.kind === 'running' ? MIN_BAR : 0.5, right - left);
  if (segment.kind === 'running') paintWork(ctx, lane, left, width, color, segment.to === null);
  else if (segment.kind === 'retry_delay' || segment.kind === 'gap')
    paintDelay(ctx, lane, left, width, palette.retryDelay);
  else if (segment.kind === 'scheduler') paintHatched(ctx, lane, left, width, palette.scheduler);
  else paintOutlined(ctx, lane, left, width, palette.slot);
}

function paintWork(
  ctx: CanvasRenderingContext2D,
  lane: Lane,
  left: number,
  width: number,
  color: string,
  open: boolean,
) {
  ctx.fillStyle = color;
  ctx.beginPath();
  const radius = Math.min(2, width / 2);
  ctx.roundRect(left, lane.top, width, lane.height, open ? [radius, 0, 0, radius] : radius);
  ctx.fill();
  if (!open) return;
  ctx.beginPath();
  ctx.moveTo(left + width, lane.top);
  ctx.lineTo(left + width + 5, lane.top + lane.height / 2);
  ctx.lineTo(left + width, lane.top + lane.height);
  ctx.fill();
}

/** Waiting for the scheduler: diagonal strokes in a faint box. */
function paintHatched(ctx: CanvasRenderingContext2D, lane: Lane, left: number, width: number, color: string) {
  const inset = 1;
  const top = lane.top + inset;
  const height = lane.height - 2 * inset;
  faintBox(ctx, left, top, width, height, color, 0.18);
  if (width < 3) return solid(ctx, left, top, width, height, color);
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.strokeStyle = color;
  ctx.lineWidth = 1.5;
  ctx.beginPath();
  const first = Math.floor((left - height) / 5) * 5;
  for (let x = first; x < left + width; x += 5) {
    ctx.moveTo(x, top + height);
    ctx.lineTo(x + height, top);
  }
  ctx.stroke();
  ctx.restore();
}

/** Queued for a slot: an outlined box with a faint fill. */
function paintOutlined(ctx: CanvasRenderingContext2D, lane: Lane, left: number, width: number, color: string) {
  const top = lane.top + 1;
  const height = lane.height - 2;
  if (width < 3) return solid(ctx, left, top, width, height, color);
  faintBox(ctx, left, top, width, height, color, 0.25);
  ctx.strokeStyle = color;
  ctx.lineWidth = 1.25;
  ctx.strokeRect(left + 0.6, top + 0.6, width - 1.2, height - 1.2);
}

function paintDelay(ctx: CanvasRenderingContext2D, lane: Lane, left: number, width: number, color: string) {
  const y = lane.top + lane.height / 2;
  ctx.strokeStyle = color;
  ctx.lineWidth = 1.5;
  ctx.setLineDash([2, 3]);
  ctx.beginPath();
  ctx.moveTo(left, y);
  ctx.lineTo(left + width, y);
  ctx.stroke();
  ctx.setLineDash([]);
}

function faintBox(
  ctx: CanvasRenderingContext2D,
  left: number,
  top: number,
  width: number,
  height: number,
  color: string,
  alpha: number,
) {
  const before = ctx.globalAlpha;
  ctx.globalAlpha = before * alpha;
  solid(ctx, left, top, width, height, color);
  ctx.globalAlpha = before;
}

function solid(ctx: CanvasRenderingContext2D, left: number, top: number, width: number, height: number, color: string) {
  ctx.fillStyle = color;
  ctx.fillRect(left, top, width, height);
}

/** A failed attempt ends in a cross, so that its outcome is visible without colour. */
function paintCross(ctx: CanvasRenderingContext2D, x: number, lane: Lane, palette: Palette) {
  const arm = Math.min(4, lane.height / 3);
  const y = lane.top + lane.height / 2;
  for (const [color, width] of [
    [palette.background, 4],
    [palette.text, 1.75],
  ] as const) {
    ctx.strokeStyle = color;
    ctx.lineWidth = width;
    ctx.beginPath();
    ctx.moveTo(x - arm, y - arm);
    ctx.lineTo(x + arm, y + arm);
    ctx.moveTo(x - arm, y + arm);
    ctx.lineTo(x + arm, y - arm);
    ctx.stroke();
  }
}

/** Marks an outcome without work (skipped, upstream failed), or work without a start. */
function paintDiamond(ctx: CanvasRenderingContext2D, x: number, lane: Lane, color: string) {
  const arm = Math.min(5, lane.height / 2);
  const y = lane.top + lane.height / 2;
  ctx.fillStyle = color;
  ctx.beginPath();
  ctx.moveTo(x, y - arm);
  ctx.lineTo(x + arm, y);
  ctx.lineTo(x, y + arm);
  ctx.lineTo(x - arm, y);
  ctx.fill();
}
