import type { RunDetail, TaskInstance } from '../../shared/api.ts';
import { groupedBy } from '../../shared/groupedBy.ts';
import type { TaskInstanceState } from '../../shared/states.ts';
import type { GraphEdge, GraphModel, GraphNode } from './graphModel.ts';
import { aggregateState } from './stateLook.ts';

/** Converts the exporter's response about one run to the model of the graph. */
export function graphFromRun(detail: RunDetail): GraphModel {
  const steps = detail.critical_path?.steps.map((step) => step.task_id) ?? [];
  const critical = new Set(steps);
  const links = new Set(steps.slice(1).map((taskId, at) => edgeId(steps[at]!, taskId)));
  const seconds = slowestTransitions(detail);
  const instances = groupedBy(detail.tasks, (task) => task.task_id);
  const edges = detail.edges.map(({ upstream_task_id: source, downstream_task_id: target }): GraphEdge => {
    const id = edgeId(source, target);
    return { id, source, target, seconds: seconds.get(id) ?? null, critical: links.has(id) };
  });
  const known = [...instances].map(([id, tasks]) => nodeOf(id, tasks, critical.has(id)));
  const run = { source: detail.run.source, dagId: detail.run.dag_id, runId: detail.run.run_id };
  return { run, nodes: withEnds(known, edges), edges, notes: detail.run.notes };
}

/** Id of the edge between two tasks, regardless of where the graph was read from. */
export function edgeId(source: string, target: string): string {
  return JSON.stringify([source, target]);
}

function slowestTransitions(detail: RunDetail): Map<string, number> {
  const slowest = new Map<string, number>();
  for (const transition of detail.transitions) {
    const id = edgeId(transition.upstream_task_id, transition.task_id);
    slowest.set(id, Math.max(transition.seconds, slowest.get(id) ?? -Infinity));
  }
  return slowest;
}

function nodeOf(id: string, tasks: readonly TaskInstance[], critical: boolean): GraphNode {
  const durations = tasks.map((task) => task.duration_seconds).filter((seconds) => seconds !== null);
  return {
    id,
    title: id,
    state: aggregateState(tasks.map((task) => task.state)) as TaskInstanceState,
    durationSeconds: durations.length === 0 ? null : Math.max(...durations),
    group: tasks[0]!.task_group,
    operator: tasks[0]!.operator,
    tryNumber: Math.max(...tasks.map((task) => task.try_number)),
    critical,
    instances: tasks.length,
    waiting: tasks.find((task) => task.waiting)?.waiting?.detail ?? null,
  };
}

/** Adds nodes without status for tasks that only edges name, e.g. because they were added to the DAG after the run. */
export function withEnds(nodes: GraphNode[], edges: readonly GraphEdge[]): GraphNode[] {
  const known = new Set(nodes.map((node) => node.id));
  const missing = new Set(edges.flatMap((edge) => [edge.source, edge.target]).filter((id) => !known.has(id)));
  return [...nodes, ...[...missing].map(bareNode)];
}

function bareNode(id: string): GraphNode {
  const nothing = { state: null, durationSeconds: null, group: null, operator: null, tryNumber: null };
  return { id, title: id, ...nothing, critical: false, instances: 1, waiting: null };
}
