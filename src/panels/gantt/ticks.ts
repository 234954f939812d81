import { dateTimeFormat, dateTimeForTimeZone, type TimeZone } from '@grafana/data';
import type { TimeWindow } from './timeWindow.ts';

export interface Tick {
  /** Epoch milliseconds. */
  at: number;
  label: string;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 28, 91, 182, 364].map((n) => n * DAY),
];

/** The smallest round step at which labels of width `labelPx` do not touch. */
export function stepFor(window: TimeWindow, widthPx: number, labelPx: number): number {
  const span = window.to - window.from;
  const room = Math.max(1, Math.floor(widthPx / labelPx));
  return STEPS.find((step) => span / step <= room) ?? STEPS.at(-1)!;
}

/** Clock times at round times of the time zone, including zones with half hours. */
export function clockTicks(window: TimeWindow, widthPx: number, timeZone: TimeZone): Tick[] {
  const rough = stepFor(window, widthPx, 84);
  const step = rough < SECOND ? stepFor(window, widthPx, 104) : rough;
  const offset = dateTimeForTimeZone(timeZone, window.from).utcOffset() * MINUTE;
  const format = clockFormat(step);
  return roundMoments(window, step, -offset).map((at) => ({ at, label: dateTimeFormat(at, { timeZone, format }) }));
}

/** Seconds since `origin`; no labels before it. */
export function elapsedTicks(window: TimeWindow, widthPx: number, origin: number): Tick[] {
  const step = stepFor(window, widthPx, 72);
  const moments = roundMoments(window, step, origin).filter((at) => at >= origin);
  return moments.map((at) => ({ at, label: elapsedLabel(at - origin, step) }));
}

function clockFormat(step: number): string {
  if (step < SECOND) return 'HH:mm:ss.SSS';
  if (step < MINUTE) return 'HH:mm:ss';
  return step < DAY ? 'HH:mm' : 'MMM D';
}

/** `+850ms`, `+12s`, `+2:05`, `+1:02:00`. */
export function elapsedLabel(ms: number, step: number): string {
  if (step < SECOND) return ms < SECOND ? `+${Math.round(ms)}ms` : `+${(ms / SECOND).toFixed(step < 10 ? 3 : 2)}s`;
  const seconds = Math.round(ms / SECOND);
  if (seconds < 60 && step < MINUTE) return `+${seconds}s`;
  const pad = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  const tail = `${pad(minutes % 60)}:${pad(seconds % 60)}`;
  return minutes < 60 ? `+${minutes}:${pad(seconds % 60)}` : `+${Math.floor(minutes / 60)}:${tail}`;
}

function roundMoments(window: TimeWindow, step: number, phase: number): number[] {
  const first = Math.ceil((window.from - phase) / step);
  const last = Math.floor((window.to - phase) / step);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => (first + index) * step + phase);
}
