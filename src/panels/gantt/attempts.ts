import { isFinishedTask, type TaskInstanceState } from '../../../shared/states.ts';
import type { GanttAttempt, GanttSegment } from './model.ts';

/** Timestamps of one attempt, in epoch milliseconds. */
export interface RawAttempt {
  tryNumber: number;
  state: TaskInstanceState;
  scheduledAt: number | null;
  queuedAt: number | null;
  startDate: number | null;
  endDate: number | null;
}

/** States in which the timestamps record a decision, not work. */
const DECIDED = new Set<TaskInstanceState>(['skipped', 'upstream_failed', 'removed']);
/** States in which an attempt has ended and the next one is due. */
const BETWEEN_ATTEMPTS = new Set<TaskInstanceState>(['up_for_retry', 'up_for_reschedule']);

/** States that a task reaches only after it has started, so such an attempt does not wait for the scheduler. */
const WORKING = new Set<TaskInstanceState>(['running', 'deferred', 'awaiting_input', 'restarting']);

/** Converts one attempt to segments. `readyAt` is when its upstreams had ended. */
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

/** When the executor received it. If the source lacks that timestamp: the nearest time that is certain. */
function handOver(raw: RawAttempt, ready: number | null): number | null {
  if (raw.queuedAt !== null) return raw.queuedAt;
  if (raw.state === 'queued') return raw.scheduledAt ?? ready;
  return raw.startDate === null ? null : (raw.scheduledAt ?? raw.startDate);
}

/** A skipped task has run if its two timestamps differ (it skipped itself). Otherwise they only say when it was skipped. */
function addRunning(segments: GanttSegment[], raw: RawAttempt): void {
  const from = raw.startDate!;
  const over = isFinishedTask(raw.state) || BETWEEN_ATTEMPTS.has(raw.state);
  if (DECIDED.has(raw.state) && (raw.endDate === null || raw.endDate <= from)) return;
  const to = over ? Math.max(from, raw.endDate ?? from) : null;
  segments.push({ kind: 'running', from, to });
}

/** If clocks differ, a timestamp can precede the one it follows; then no segment is added. */
function add(segments: GanttSegment[], kind: GanttSegment['kind'], from: number, to: number | null): void {
  if (to === null || to > from) segments.push({ kind, from, to });
}

function open(segments: readonly GanttSegment[]): boolean {
  return segments.some((segment) => segment.to === null);
}

/** Timestamps that an attempt in this state requires and does not have. */
export function missingStamps({ state, queuedAt, startDate, endDate }: RawAttempt): string[] {
  const ended = state === 'success' || state === 'failed';
  const started = ended || WORKING.has(state);
  const missing: string[] = [];
  if (started && startDate === null) missing.push('start_date');
  if (ended && endDate === null) missing.push('end_date');
  if (queuedAt === null && (state === 'queued' || (started && startDate !== null))) missing.push('queued_at');
  return missing;
}
