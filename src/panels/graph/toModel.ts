import type { DataFrame } from '@grafana/data';
import type { RunDetail, TaskInstance } from '../../../shared/api.ts';
import type { TaskInstanceState } from '../../../shared/states.ts';
import { GRAPH_EDGE_FIELDS as EDGE, GRAPH_NODE_FIELDS as NODE } from '../../data/frameFields.ts';
import { groupedBy } from '../../../shared/groupedBy.ts';
import { rowReader } from '../../data/readFrame.ts';
import { aggregateState } from '../../data/stateLook.ts';
import type { GraphEdge, GraphModel, GraphNode, RunIdentity } from './model.ts';

/** The exporter's answer about one run, as the graph draws it. */
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

function edgeId(source: string, target: string): string {
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
  };
}

/** An edge may name a task without an instance (added to the DAG after the run): it is drawn with no status, not dropped. */
function withEnds(nodes: GraphNode[], edges: readonly GraphEdge[]): GraphNode[] {
  const known = new Set(nodes.map((node) => node.id));
  const missing = new Set(edges.flatMap((edge) => [edge.source, edge.target]).filter((id) => !known.has(id)));
  return [...nodes, ...[...missing].map(bareNode)];
}

function bareNode(id: string): GraphNode {
  const nothing = { state: null, durationSeconds: null, group: null, operator: null, tryNumber: null };
  return { id, title: id, ...nothing, critical: false, instances: 1 };
}

/** Whether frames hold a graph: one with sources and targets, as Grafana's node graph has. */
export function isEdgesFrame(frame: DataFrame): boolean {
  const names = new Set(frame.fields.map((field) => field.name));
  return names.has(EDGE.source) && names.has(EDGE.target);
}

/** A frame of nodes: ids, and a word about each; not the edges, which have ids too. */
export function isNodesFrame(frame: DataFrame): boolean {
  const names = new Set(frame.fields.map((field) => field.name));
  return names.has(NODE.id) && !isEdgesFrame(frame) && (names.has(NODE.state) || names.has(NODE.title));
}

/** Frames of the query type "Run graph" (GRAPH_NODE_FIELDS, GRAPH_EDGE_FIELDS), as the graph draws them. */
export function graphFromFrames(frames: readonly DataFrame[]): GraphModel {
  const nodes = new Map<string, GraphNode>();
  const edges = new Map<string, GraphEdge>();
  const notes: string[] = [];
  let run: RunIdentity | null = null;
  for (const frame of frames) {
    run ??= readRun(frame);
    if (isNodesFrame(frame)) for (const node of readNodes(frame)) nodes.set(node.id, node);
    else if (isEdgesFrame(frame)) for (const edge of readEdges(frame)) edges.set(edge.id, edge);
    else continue;
    for (const notice of frame.meta?.notices ?? []) notes.push(notice.text);
  }
  return { run, nodes: withEnds([...nodes.values()], [...edges.values()]), edges: [...edges.values()], notes };
}

function readRun(frame: DataFrame): RunIdentity | null {
  const row = rowReader(frame);
  const source = row.text(NODE.runSource, 0);
  const dagId = row.text(NODE.dagId, 0);
  const runId = row.text(NODE.runId, 0);
  return source === null || dagId === null || runId === null ? null : { source, dagId, runId };
}

function readNodes(frame: DataFrame): GraphNode[] {
  const row = rowReader(frame);
  return Array.from({ length: frame.length }, (_, at) => at).flatMap((at): GraphNode[] => {
    const id = row.text(NODE.id, at);
    if (id === null) return [];
    return [
      {
        id,
        title: row.text(NODE.title, at) ?? id,
        state: row.text(NODE.state, at) as TaskInstanceState,
        durationSeconds: row.number(NODE.durationSeconds, at),
        group: row.text(NODE.taskGroup, at),
        operator: row.text(NODE.operator, at),
        tryNumber: row.number(NODE.tryNumber, at),
        critical: row.flag(NODE.onCriticalPath, at),
        instances: row.number(NODE.instances, at) ?? 1,
      },
    ];
  });
}

function readEdges(frame: DataFrame): GraphEdge[] {
  const row = rowReader(frame);
  return Array.from({ length: frame.length }, (_, at) => at).flatMap((at): GraphEdge[] => {
    const source = row.text(EDGE.source, at);
    const target = row.text(EDGE.target, at);
    if (source === null || target === null) return [];
    const seconds = row.number(EDGE.transitionSeconds, at);
    return [{ id: edgeId(source, target), source, target, seconds, critical: row.flag(EDGE.onCriticalPath, at) }];
  });
}
