import type { DataFrame } from '@grafana/data';
import type { TaskInstanceState } from '../../../shared/states.ts';
import { GRAPH_EDGE_FIELDS as EDGE, GRAPH_NODE_FIELDS as NODE } from '../../data/frameFields.ts';
import { edgeId, withEnds } from '../../data/graphFromRun.ts';
import type { GraphEdge, GraphModel, GraphNode, RunIdentity } from '../../data/graphModel.ts';
import { rowReader } from '../../data/readFrame.ts';

/** Whether a frame lists edges: it has sources and targets, like the edges of Grafana's node graph. */
export function isEdgesFrame(frame: DataFrame): boolean {
  const names = new Set(frame.fields.map((field) => field.name));
  return names.has(EDGE.source) && names.has(EDGE.target);
}

/** Whether a frame lists nodes: it has ids, and a state or title for each. Edges have ids too. */
export function isNodesFrame(frame: DataFrame): boolean {
  const names = new Set(frame.fields.map((field) => field.name));
  return names.has(NODE.id) && !isEdgesFrame(frame) && (names.has(NODE.state) || names.has(NODE.title));
}

/** Converts frames of the query type "Run graph" (GRAPH_NODE_FIELDS, GRAPH_EDGE_FIELDS) into the graph's model. */
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
        waiting: row.text(NODE.waiting, at),
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
