import type { UsualDuration } from '../../shared/api.ts';
import { percentile, percentileOfSorted } from '../../shared/percentile.ts';
import type { TasksById } from '../flow/transitions.ts';
import { ranToItsEnd } from '../flow/executed.ts';
import type { Micros, RunRow, PastTaskRow } from '../sources/rows.ts';
import type { DagStructure } from '../sources/structure.ts';

/** Number of runs to remember for each DAG. */
export const KEPT_RUNS = 32;
/** Task id that stands for the whole run. */
export const WHOLE_RUN = '';
/** Replaces the duration if the task did not run. */
const DID_NOT_RUN = -1;

/** Durations of one task in the last successful runs, oldest first, in microseconds. */
export interface Ring {
  /** From start to end of the task, or of the whole run; −1 if the task did not run. */
  running: readonly Micros[];
  /** From the end of the last upstream (or the start of the run) to the start of the task. For the whole run: from the end of its last task to its own end. */
  waiting: readonly Micros[];
}

export type DagRings = ReadonlyMap<string, Ring>;

/** Adds a successful run. Tasks that the DAG no longer has are forgotten. */
export function learnt(rings: DagRings, run: RunRow, tasks: TasksById, structure: DagStructure): DagRings {
  if (run.start_us === null || run.end_us === null) return rings;
  const next = new Map<string, Ring>();
  let lastEnd = run.start_us;
  for (const [id, rows] of tasks) {
    const span = spanOf(rows, structure, id);
    if (span) lastEnd = Math.max(lastEnd, span.end);
    const waiting = span ? Math.max(0, span.start - readyAt(id, span.start, run.start_us, tasks, structure)) : 0;
    next.set(id, added(rings.get(id), span ? span.end - span.start : DID_NOT_RUN, waiting));
  }
  const tail = Math.max(0, run.end_us - lastEnd);
  return next.set(WHOLE_RUN, added(rings.get(WHOLE_RUN), run.end_us - run.start_us, tail));
}

function added(ring: Ring | undefined, running: Micros, waiting: Micros): Ring {
  return {
    running: [...(ring?.running ?? []), running].slice(-KEPT_RUNS),
    waiting: [...(ring?.waiting ?? []), waiting].slice(-KEPT_RUNS),
  };
}

/** From the first start to the last end of all instances of a task; null if none ran. */
function spanOf(
  rows: readonly PastTaskRow[],
  structure: DagStructure,
  id: string,
): { start: Micros; end: Micros } | null {
  let [start, end] = [Infinity, -Infinity];
  for (const row of rows) {
    if (row.start_us === null || row.end_us === null || !ranToItsEnd(row, structure.get(id))) continue;
    start = Math.min(start, row.start_us);
    end = Math.max(end, row.end_us);
  }
  return start <= end ? { start, end } : null;
}

/** The latest end of those upstreams that had ended before the task started. */
function readyAt(id: string, start: Micros, runStart: Micros, tasks: TasksById, structure: DagStructure): Micros {
  let ready = runStart;
  for (const upstream of structure.get(id)?.upstream_task_ids ?? []) {
    for (const { end_us: end } of tasks.get(upstream) ?? []) {
      if (end !== null && end <= start) ready = Math.max(ready, end);
    }
  }
  return ready;
}

/** Durations of the task in the runs in which it ran, shortest first. */
export function executed(ring: Ring | undefined): Micros[] {
  return (ring?.running ?? []).filter((us) => us !== DID_NOT_RUN).sort((a, b) => a - b);
}

/** The share of runs in which the task ran; 1 if nothing is known. */
export function shareOfRuns(ring: Ring | undefined): number {
  return ring && ring.running.length > 0 ? executed(ring).length / ring.running.length : 1;
}

export function usualOf(ring: Ring | undefined): UsualDuration | null {
  const durations = executed(ring);
  if (durations.length === 0) return null;
  const [p50, p95] = [0.5, 0.95].map((share) => percentileOfSorted(durations, share)! / 1e6);
  return { p50_seconds: p50!, p95_seconds: p95!, runs: durations.length };
}

/** The middle value; 0 if there are none. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5) ?? 0;
}
