import { topologicalOrder } from '../../../shared/dag.ts';
import { drawAttempt, missingStamps, type RawAttempt } from './attempts.ts';
import type { GanttAttempt, GanttModel, GanttTask } from './model.ts';

/** A task instance as either door (API, frames) hands it in. */
export interface RawTask extends Pick<
  GanttTask,
  | 'source'
  | 'dagId'
  | 'runId'
  | 'taskId'
  | 'mapIndex'
  | 'taskGroup'
  | 'operator'
  | 'pool'
  | 'queue'
  | 'hostname'
  | 'critical'
  | 'upstreamTaskIds'
> {
  /** Oldest first; the last is the newest. Never empty. */
  attempts: RawAttempt[];
  upstreamEndedAt: number | null;
}

/** `closedAt` ends what the source left open in a run that is over; null while the run goes on. */
export function buildModel(raws: readonly RawTask[], closedAt: number | null, notes: string[]): GanttModel {
  const manyRuns = new Set(raws.map(runKey)).size > 1;
  const ranks = ranksOf(raws);
  const tasks = raws.map((raw) => buildTask(raw, ranks.get(raw.taskId)!, manyRuns, closedAt));
  let start = Infinity;
  let end = -Infinity;
  let live = false;
  for (const task of tasks) {
    if (task.start === null) continue;
    start = Math.min(start, task.start);
    end = Math.max(end, task.end ?? lastStamp(task));
    live ||= task.end === null;
  }
  const drawn = start !== Infinity;
  const criticalPath = tasks.filter((task) => task.critical).sort(byLastStart);
  return {
    tasks,
    manyRuns,
    criticalPath: criticalPath.map((task) => task.key),
    start: drawn ? start : null,
    end: drawn ? end : null,
    live,
    notes,
  };
}

function ranksOf(raws: readonly RawTask[]): Map<string, number> {
  const upstreams = new Map(raws.map((raw) => [raw.taskId, raw.upstreamTaskIds]));
  const tasks = [...upstreams].map(([task_id, upstream_task_ids]) => ({ task_id, upstream_task_ids }));
  const { order } = topologicalOrder(tasks);
  return new Map([...new Set([...order, ...upstreams.keys()])].map((taskId, rank) => [taskId, rank]));
}

function runKey(raw: { source: string; dagId: string; runId: string }): string {
  return JSON.stringify([raw.source, raw.dagId, raw.runId]);
}

function buildTask(raw: RawTask, rank: number, manyRuns: boolean, closedAt: number | null): GanttTask {
  const { attempts: rawAttempts, upstreamEndedAt, ...identity } = raw;
  const newest = rawAttempts.at(-1)!;
  let previousEnd: number | null = null;
  const attempts = rawAttempts.map((attempt) => {
    const drawn = drawAttempt(attempt, upstreamEndedAt, previousEnd);
    previousEnd = attempt.endDate;
    return closedAt === null ? drawn : close(drawn, closedAt);
  });
  const name = raw.mapIndex < 0 ? raw.taskId : `${raw.taskId}[${raw.mapIndex}]`;
  return {
    ...identity,
    key: manyRuns ? `${runKey(raw)} ${name}` : name,
    rank,
    state: newest.state,
    attempts,
    missing: missingStamps(newest),
    ...extent(attempts),
  };
}

function close(attempt: GanttAttempt, at: number): GanttAttempt {
  const segments = attempt.segments
    .map((segment) => (segment.to === null ? { ...segment, to: at } : segment))
    .filter((segment) => segment.kind === 'running' || segment.to! > segment.from);
  return { ...attempt, segments };
}

function extent(attempts: readonly GanttAttempt[]): Pick<GanttTask, 'start' | 'end'> {
  let start = Infinity;
  let end: number | null = -Infinity;
  for (const { segments, markAt } of attempts) {
    if (markAt !== null) start = Math.min(start, markAt);
    if (markAt !== null && end !== null) end = Math.max(end, markAt);
    for (const { from, to } of segments) {
      start = Math.min(start, from);
      end = end === null || to === null ? null : Math.max(end, to);
    }
  }
  return start === Infinity ? { start: null, end: null } : { start, end };
}

function lastStamp(task: GanttTask): number {
  const segments = task.attempts.flatMap((attempt) => attempt.segments);
  return Math.max(...segments.map((segment) => segment.to ?? segment.from));
}

function byLastStart(a: GanttTask, b: GanttTask): number {
  return (a.attempts.at(-1)?.segments.at(-1)?.from ?? 0) - (b.attempts.at(-1)?.segments.at(-1)?.from ?? 0);
}
