import { isFinishedTask, type TaskInstanceState } from '../../../shared/states.ts';
import type { GanttAttempt, GanttSegment } from './model.ts';

/** Stamps of one attempt, epoch milliseconds. */
export interface RawAttempt {
  tryNumber: number;
  state: TaskInstanceState;
  scheduledAt: number | null;
  queuedAt: number | null;
  startDate: number | null;
  endDate: number | null;
}

/** States in which the stamps tell of a decision, not of work. */
const DECIDED = new Set<TaskInstanceState>(['skipped', 'upstream_failed', 'removed']);
/** States in which an attempt has ended and the next one is waited for. */
const BETWEEN_ATTEMPTS = new Set<TaskInstanceState>(['up_for_retry', 'up_for_reschedule']);

/** States that are only reached by starting, so that the scheduler is not what such an attempt waits for. */
const WORKING = new Set<TaskInstanceState>(['running', 'deferred', 'awaiting_input', 'restarting']);

/** Draws one attempt. `readyAt` is when its upstreams had ended, or the attempt before it. */
export function drawAttempt(raw: RawAttempt, readyAt: number | null, previousEnd: number | null): GanttAttempt {
  const segments = DECIDED.has(raw.state) ? [] : waitingSegments(raw, readyAt, previousEnd);
  if (raw.startDate !== null) addRunning(segments, raw);
  if (BETWEEN_ATTEMPTS.has(raw.state) && raw.endDate !== null) {
    segments.push({ kind: 'retry_delay', from: raw.endDate, to: null });
  }
  const lastStamp = raw.endDate ?? raw.startDate ?? raw.queuedAt ?? raw.scheduledAt;
  const ran = segments.some((segment) => segment.kind === 'running');
  return { tryNumber: raw.tryNumber, state: raw.state, segments, markAt: ran || open(segments) ? null : lastStamp };
}

function waitingSegments(raw: RawAttempt, readyAt: number | null, previousEnd: number | null): GanttSegment[] {
  const segments: GanttSegment[] = [];
  const taken = raw.scheduledAt ?? raw.queuedAt ?? raw.startDate;
  if (previousEnd !== null) add(segments, 'retry_delay', previousEnd, taken);
  const ready = previousEnd === null ? (readyAt ?? raw.scheduledAt) : taken;
  const handedOver = handOver(raw, ready);
  const goesOn = !isFinishedTask(raw.state) && !WORKING.has(raw.state);
  if (ready !== null && (handedOver !== null || goesOn)) add(segments, 'scheduler', ready, handedOver);
  if (handedOver !== null && (raw.startDate !== null || goesOn)) add(segments, 'slot', handedOver, raw.startDate);
  return segments;
}

/** When the executor got it; for a source without that stamp, the nearest moment that is sure. */
function handOver(raw: RawAttempt, ready: number | null): number | null {
  if (raw.queuedAt !== null) return raw.queuedAt;
  if (raw.state === 'queued') return raw.scheduledAt ?? ready;
  return raw.startDate === null ? null : (raw.scheduledAt ?? raw.startDate);
}

/** A skipped task has worked if its two stamps differ (it decided to skip itself); else they only say when it was skipped. */
function addRunning(segments: GanttSegment[], raw: RawAttempt): void {
  const from = raw.startDate!;
  const over = isFinishedTask(raw.state) || BETWEEN_ATTEMPTS.has(raw.state);
  if (DECIDED.has(raw.state) && (raw.endDate === null || raw.endDate <= from)) return;
  const to = over ? Math.max(from, raw.endDate ?? from) : null;
  segments.push({ kind: 'running', from, to });
}

/** Clocks that differ put a stamp before the one it follows: nothing is drawn then. */
function add(segments: GanttSegment[], kind: GanttSegment['kind'], from: number, to: number | null): void {
  if (to === null || to > from) segments.push({ kind, from, to });
}

function open(segments: readonly GanttSegment[]): boolean {
  return segments.some((segment) => segment.to === null);
}

/** Stamps that an attempt in this state should have and has not. */
export function missingStamps({ state, queuedAt, startDate, endDate }: RawAttempt): string[] {
  const ended = state === 'success' || state === 'failed';
  const started = ended || WORKING.has(state);
  const missing: string[] = [];
  if (started && startDate === null) missing.push('start_date');
  if (ended && endDate === null) missing.push('end_date');
  if (queuedAt === null && (state === 'queued' || (started && startDate !== null))) missing.push('queued_at');
  return missing;
}
