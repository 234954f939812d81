import type { RunDetail } from '../../shared/api.ts';
import { isFinishedRun, isFinishedTask } from '../../shared/states.ts';

/** Epoch milliseconds of an RFC 3339 timestamp; null if it is missing or invalid. */
export function epochOf(stamp: string | null | undefined): number | null {
  if (stamp == null) return null;
  const ms = Date.parse(stamp);
  return Number.isNaN(ms) ? null : ms;
}

/** Key of a task instance in its run. */
export function instanceKey(taskId: string, mapIndex: number): string {
  return mapIndex < 0 ? taskId : `${taskId}[${mapIndex}]`;
}

/**
 * By task instance (`instanceKey`), since when only the scheduler held it back, in epoch milliseconds: the end of the last upstream that
 * it waited for, or the run's start for a task without upstreams. Missing while an upstream is unfinished. Transitions that the exporter
 * measured take precedence over the ends of direct upstreams.
 */
export function upstreamEnds(detail: RunDetail, upstreamsOf = groupUpstreams(detail.edges)): Map<string, number> {
  const ends = new Map<string, number>();
  const runStart = epochOf(detail.run.start_date);
  const endOf = latestEnds(detail.tasks);
  for (const task of detail.tasks) {
    const upstreams = upstreamsOf.get(task.task_id) ?? [];
    const end = upstreams.length === 0 ? runStart : lastEnd(upstreams, endOf);
    const waits = task.start_date !== null || task.scheduled_at !== null || !isFinishedRun(detail.run.state);
    if (end !== null && waits) ends.set(instanceKey(task.task_id, task.map_index), end);
  }
  for (const transition of detail.transitions) {
    const end = epochOf(transition.ended_at);
    if (end !== null) ends.set(instanceKey(transition.task_id, transition.map_index), end);
  }
  return ends;
}

/** Direct upstreams by task_id, without tasks that have none. */
export function groupUpstreams(edges: RunDetail['edges']): Map<string, string[]> {
  const upstreams = new Map<string, string[]>();
  for (const { upstream_task_id, downstream_task_id } of edges) {
    const known = upstreams.get(downstream_task_id);
    if (known) known.push(upstream_task_id);
    else upstreams.set(downstream_task_id, [upstream_task_id]);
  }
  return upstreams;
}

/** By task_id, the last end of its instances; null while one of them is unfinished. */
function latestEnds(tasks: RunDetail['tasks']): Map<string, number | null> {
  const ends = new Map<string, number | null>();
  for (const task of tasks) {
    const known = ends.get(task.task_id);
    const end = isFinishedTask(task.state) ? epochOf(task.end_date) : null;
    ends.set(task.task_id, known === null || end === null ? null : Math.max(known ?? -Infinity, end));
  }
  return ends;
}

function lastEnd(upstreams: readonly string[], endOf: ReadonlyMap<string, number | null>): number | null {
  let last = -Infinity;
  for (const id of upstreams) {
    const end = endOf.get(id) ?? null;
    if (end === null) return null;
    last = Math.max(last, end);
  }
  return last;
}
