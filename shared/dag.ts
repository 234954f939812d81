import type { TriggerRule } from './states.ts';

/** What a task does when it runs. A sensor holds no slot between pokes; a trigger_dag task starts runs of another DAG. */
export type TaskKind = 'function' | 'shell' | 'sensor' | 'trigger_dag';

/** One task of a DAG version as it is stored and sent: plain JSON, no code. */
export interface SerializedTask {
  task_id: string;
  kind: TaskKind;
  /** Direct upstream task_ids. Downstream lists are derived from them, so the two can't disagree. */
  upstream_task_ids: string[];
  trigger_rule: TriggerRule;
  /** Tries after the first one. */
  retries: number;
  /** Seconds before the first retry; doubled for each further one when `retry_exponential_backoff` is set. */
  retry_delay_seconds: number;
  retry_exponential_backoff: boolean;
  /** Upper limit of the back-off, in seconds. */
  max_retry_delay_seconds: number | null;
  /** Seconds after which a try is ended as failed; null for no limit. */
  execution_timeout_seconds: number | null;
  pool: string;
  pool_slots: number;
  priority_weight: number;
  queue: string;
  /** Dotted name of the group in which the graph shows the task, or null. */
  task_group: string | null;
}

/** Graph edge between two tasks of one DAG. */
export interface DagEdge {
  upstream_task_id: string;
  downstream_task_id: string;
}

interface GraphNode {
  task_id: string;
  upstream_task_ids: readonly string[];
}

export function edgesOf(tasks: readonly GraphNode[]): DagEdge[] {
  return tasks.flatMap((task) =>
    task.upstream_task_ids.map((upstream) => ({ upstream_task_id: upstream, downstream_task_id: task.task_id })),
  );
}

export function downstreamOf(tasks: readonly GraphNode[]): Map<string, string[]> {
  const downstream = new Map<string, string[]>(tasks.map((task) => [task.task_id, []]));
  for (const edge of edgesOf(tasks)) downstream.get(edge.upstream_task_id)?.push(edge.downstream_task_id);
  return downstream;
}

/**
 * Sorts task ids so that every upstream comes before its downstreams (Kahn's algorithm, stable). If the graph has a cycle, `cycle` has
 * the tasks of one cycle in order, and `order` has the tasks before it.
 */
export function topologicalOrder(tasks: readonly GraphNode[]): { order: string[]; cycle: string[] | null } {
  const known = new Set(tasks.map((task) => task.task_id));
  const upstreams = new Map(tasks.map((t) => [t.task_id, t.upstream_task_ids.filter((id) => known.has(id))]));
  const waiting = new Map([...upstreams].map(([id, ids]) => [id, ids.length]));
  const downstream = downstreamOf(tasks);
  const order: string[] = [];
  const ready = tasks.filter((task) => waiting.get(task.task_id) === 0).map((task) => task.task_id);
  for (let at = 0; at < ready.length; at++) {
    const taskId = ready[at]!;
    order.push(taskId);
    for (const next of downstream.get(taskId) ?? []) {
      const left = waiting.get(next)! - 1;
      waiting.set(next, left);
      if (left === 0) ready.push(next);
    }
  }
  return { order, cycle: order.length === known.size ? null : oneCycle(upstreams, new Set(order)) };
}

/** Walks upstream among the unsorted tasks until one repeats. Each of them has another unsorted one upstream. */
function oneCycle(upstreams: ReadonlyMap<string, string[]>, ordered: ReadonlySet<string>): string[] {
  let taskId = [...upstreams.keys()].find((id) => !ordered.has(id))!;
  const path: string[] = [];
  while (!path.includes(taskId)) {
    path.push(taskId);
    taskId = upstreams.get(taskId)!.find((id) => !ordered.has(id))!;
  }
  return path.slice(path.indexOf(taskId)).reverse();
}
