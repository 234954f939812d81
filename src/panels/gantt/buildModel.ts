import { topologicalOrder } from '../../../shared/dag.ts';
import { instanceKey } from '../../data/upstreamEnds.ts';
import { drawAttempt, missingStamps, type RawAttempt } from './attempts.ts';
import type { GanttAttempt, GanttModel, GanttTask } from './model.ts';

/** A task instance without its timestamps. */
export type TaskIdentity = Pick<
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
  | 'waiting'
  | 'usualSeconds'
  | 'expectedEnd'
>;

/** A task instance from either input (API or frames). */
export interface RawTask {
  identity: TaskIdentity;
  /** Oldest first. Never empty. */
  attempts: RawAttempt[];
  upstreamEndedAt: number | null;
}

interface Surroundings {
  /** When the run ended: the end of attempts that the source left open. Null while the run goes on. */
  closedAt: number | null;
  /** Direct upstreams of a task; called only if a task has not started. */
  upstreamsOf: (taskId: string) => string[];
  /** The source's clock when it answered. */
  answeredAt: number | null;
  notes: string[];
}

export function buildModel(
  raws: readonly RawTask[],
  { closedAt, upstreamsOf, answeredAt, notes }: Surroundings,
): GanttModel {
  const first = raws[0]?.identity;
  const manyRuns = raws.some((raw) => first && !isSameRun(raw.identity, first));
  const tasks = raws.map((raw) => buildTask(raw, manyRuns, closedAt));
  if (tasks.some((task) => task.start === null)) rankTasks(tasks, upstreamsOf);
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
    rows: 'tasks',
    manyRuns,
    criticalPath: criticalPath.map((task) => task.key),
    start: drawn ? start : null,
    end: drawn ? end : null,
    answeredAt,
    expectedEnd: latestExpected(tasks),
    live,
    notes,
  };
}

/** Running tasks only: a task that has not started has no bar to extend to its end. */
function latestExpected(tasks: readonly GanttTask[]): number | null {
  return tasks.reduce<number | null>(
    (last, { state, expectedEnd }) =>
      state === 'running' && expectedEnd !== null ? Math.max(last ?? expectedEnd, expectedEnd) : last,
    null,
  );
}

/** Ranks only order tasks that have not started, so a finished run does not compute them. */
function rankTasks(tasks: GanttTask[], upstreamsOf: Surroundings['upstreamsOf']): void {
  const ids = [...new Set(tasks.map((task) => task.taskId))];
  const { order } = topologicalOrder(ids.map((id) => ({ task_id: id, upstream_task_ids: upstreamsOf(id) })));
  const ranks = new Map(order.map((taskId, rank) => [taskId, rank]));
  for (const task of tasks) task.rank = ranks.get(task.taskId) ?? order.length;
}

type Run = Pick<GanttTask, 'source' | 'dagId' | 'runId'>;

function isSameRun(a: Run, b: Run): boolean {
  return a.runId === b.runId && a.dagId === b.dagId && a.source === b.source;
}

function runKey(run: Run): string {
  return JSON.stringify([run.source, run.dagId, run.runId]);
}

function buildTask(raw: RawTask, manyRuns: boolean, closedAt: number | null): GanttTask {
  const { identity, attempts: rawAttempts, upstreamEndedAt } = raw;
  const newest = rawAttempts.at(-1)!;
  let previousEnd: number | null = null;
  const attempts = rawAttempts.map((attempt) => {
    const drawn = drawAttempt(attempt, upstreamEndedAt, previousEnd);
    previousEnd = attempt.endDate;
    return closedAt === null ? drawn : close(drawn, closedAt);
  });
  const name = instanceKey(identity.taskId, identity.mapIndex);
  const { start, end } = extent(attempts);
  return {
    ...identity,
    key: manyRuns ? `${runKey(identity)} ${name}` : name,
    rank: 0,
    state: newest.state,
    attempts,
    missing: missingStamps(newest),
    start,
    end,
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
