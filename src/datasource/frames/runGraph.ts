import type { DataFrame } from '@grafana/data';
import type { RunDetail, TaskInstance, Transition } from '../../../shared/api.ts';
import type { DagEdge } from '../../../shared/dag.ts';
import { formatSeconds } from '../../data/duration.ts';
import {
  FRAME_KINDS,
  GRAPH_EDGE_FIELDS as E,
  GRAPH_NODE_FIELDS as N,
  RUN_GRAPH_FRAMES,
} from '../../data/frameFields.ts';
import { aggregateState } from '../../data/stateLook.ts';
import { count, flag, seconds, state, text } from './fields.ts';
import { frameOf, notices } from './frame.ts';

/** The run's DAG as two frames, nodes and edges, for the graph panel and for Grafana's own node graph. */
export function runGraphFrames(detail: RunDetail): DataFrame[] {
  const critical = new Set(detail.critical_path?.steps.map((step) => step.task_id));
  return [nodesFrame(detail, critical), edgesFrame(detail, critical)];
}

interface Node {
  id: string;
  instances: TaskInstance[];
  durationSeconds: number | null;
  state: string | null;
}

function nodesFrame(detail: RunDetail, critical: ReadonlySet<string>): DataFrame {
  return frameOf<Node>(
    FRAME_KINDS.graphNodes,
    nodesOf(detail.tasks),
    [
      text(N.id, (node) => node.id),
      text(N.title, (node) => node.id),
      text(N.subTitle, (node) => node.instances[0]!.operator),
      text(N.mainStat, (node) => formatSeconds(node.durationSeconds)),
      state(N.state, (node) => node.state),
      seconds(N.durationSeconds, (node) => node.durationSeconds, { displayName: 'Ran' }),
      text(N.taskGroup, (node) => node.instances[0]!.task_group),
      flag(N.onCriticalPath, (node) => critical.has(node.id)),
      text(N.operator, (node) => node.instances[0]!.operator),
      count(N.tryNumber, (node) => Math.max(...node.instances.map((task) => task.try_number))),
      count(N.instances, (node) => node.instances.length),
      text(N.runSource, () => detail.run.source),
      text(N.dagId, () => detail.run.dag_id),
      text(N.runId, () => detail.run.run_id),
    ],
    { preferredVisualisationType: 'nodeGraph', notices: notices(detail.run.notes) },
    RUN_GRAPH_FRAMES.nodes,
  );
}

function nodesOf(tasks: readonly TaskInstance[]): Node[] {
  const byId = new Map<string, TaskInstance[]>();
  for (const task of tasks) byId.set(task.task_id, [...(byId.get(task.task_id) ?? []), task]);
  return [...byId].map(([id, instances]) => ({
    id,
    instances,
    durationSeconds: longest(instances.map((task) => task.duration_seconds)),
    state: aggregateState(instances.map((task) => task.state)),
  }));
}

function edgesFrame(detail: RunDetail, critical: ReadonlySet<string>): DataFrame {
  const measured = slowestTransitions(detail.transitions);
  const secondsOf = (edge: DagEdge) => measured.get(edgeKey(edge.upstream_task_id, edge.downstream_task_id)) ?? null;
  return frameOf<DagEdge>(
    FRAME_KINDS.graphEdges,
    detail.edges,
    [
      text(E.id, (edge) => edgeKey(edge.upstream_task_id, edge.downstream_task_id)),
      text(E.source, (edge) => edge.upstream_task_id),
      text(E.target, (edge) => edge.downstream_task_id),
      text(E.mainStat, (edge) => {
        const measuredSeconds = secondsOf(edge);
        return measuredSeconds === null ? null : formatSeconds(measuredSeconds);
      }),
      seconds(E.transitionSeconds, secondsOf, { displayName: 'Transition' }),
      flag(E.onCriticalPath, (edge) => critical.has(edge.upstream_task_id) && critical.has(edge.downstream_task_id)),
    ],
    { preferredVisualisationType: 'nodeGraph' },
    RUN_GRAPH_FRAMES.edges,
  );
}

function slowestTransitions(transitions: readonly Transition[]): Map<string, number> {
  const slowest = new Map<string, number>();
  for (const { upstream_task_id, task_id, seconds: taken } of transitions) {
    const key = edgeKey(upstream_task_id, task_id);
    slowest.set(key, Math.max(taken, slowest.get(key) ?? -Infinity));
  }
  return slowest;
}

function edgeKey(upstream: string, downstream: string): string {
  return `${upstream}→${downstream}`;
}

function longest(durations: readonly (number | null)[]): number | null {
  const known = durations.filter((duration) => duration !== null);
  return known.length > 0 ? Math.max(...known) : null;
}
