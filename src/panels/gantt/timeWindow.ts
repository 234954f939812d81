import type { GanttModel } from './model.ts';

/** The time range that the chart shows, in epoch milliseconds. */
export interface TimeWindow {
  from: number;
  to: number;
}

/** Minimum width: timestamps are drawn to the millisecond. */
export const MIN_SPAN_MS = 5;

/**
 * The whole run with a small margin, so that the first and last bars do not touch the edges. For an unfinished run it also
 * includes the time until its running tasks usually end.
 */
export function wholeWindow(
  { start, end, live, expectedEnd }: Pick<GanttModel, 'start' | 'end' | 'live' | 'expectedEnd'>,
  now: number,
): TimeWindow {
  const from = start ?? now;
  const to = Math.max(from, live ? Math.max(now, expectedEnd ?? now) : (end ?? from));
  const air = Math.max((to - from) * 0.02, MIN_SPAN_MS);
  return { from: from - air, to: to + air * 2 };
}

/** Position of a time in the window as a fraction of its width; below 0 or above 1 if it is not shown. */
export function fractionAt(window: TimeWindow, at: number): number {
  return (at - window.from) / (window.to - window.from);
}

export function momentAt(window: TimeWindow, fraction: number): number {
  return window.from + (window.to - window.from) * fraction;
}

/** Zooms by `factor` (below 1 zooms in); the time `anchor` keeps its position on the screen. */
export function zoom(window: TimeWindow, factor: number, anchor: number, limits: TimeWindow): TimeWindow {
  const span = Math.max(MIN_SPAN_MS, (window.to - window.from) * factor);
  const from = anchor - fractionAt(window, anchor) * span;
  return keepInside({ from, to: from + span }, limits);
}

/** Moves by a fraction of the window's width; positive is later. */
export function pan(window: TimeWindow, fraction: number, limits: TimeWindow): TimeWindow {
  const shift = (window.to - window.from) * fraction;
  return keepInside({ from: window.from + shift, to: window.to + shift }, limits);
}

/** Moves the window inside the limits without changing its width. A window as wide as the limits or wider becomes the limits. */
export function keepInside(window: TimeWindow, limits: TimeWindow): TimeWindow {
  const span = window.to - window.from;
  if (span >= limits.to - limits.from) return limits;
  const from = Math.min(Math.max(window.from, limits.from), limits.to - span);
  return { from, to: from + span };
}
