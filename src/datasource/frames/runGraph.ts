import type { DataFrame } from '@grafana/data';
import type { RunDetail } from '../../../shared/api.ts';
import { formatSeconds } from '../../data/duration.ts';
import {
  FRAME_KINDS,
  GRAPH_EDGE_FIELDS as E,
  GRAPH_NODE_FIELDS as N,
  RUN_GRAPH_FRAMES,
} from '../../data/frameFields.ts';
import { graphFromRun } from '../../data/graphFromRun.ts';
import type { GraphEdge, GraphModel, GraphNode } from '../../data/graphModel.ts';
import { count, flag, seconds, state, text } from './fields.ts';
import { frameOf, notices } from './frame.ts';

/** The run's DAG as two frames, nodes and edges, for the graph panel and Grafana's node graph. */
export function runGraphFrames(detail: RunDetail): DataFrame[] {
  const model = graphFromRun(detail);
  return [nodesFrame(model), edgesFrame(model.edges)];
}

function nodesFrame({ run, nodes, notes }: GraphModel): DataFrame {
  return frameOf<GraphNode>(
    FRAME_KINDS.graphNodes,
    nodes,
    [
      text(N.id, (node) => node.id),
      text(N.title, (node) => node.title),
      text(N.subTitle, (node) => node.operator),
      text(N.mainStat, (node) => formatSeconds(node.durationSeconds)),
      state(N.state, (node) => node.state),
      seconds(N.durationSeconds, (node) => node.durationSeconds, { displayName: 'Ran' }),
      text(N.taskGroup, (node) => node.group),
      flag(N.onCriticalPath, (node) => node.critical),
      text(N.operator, (node) => node.operator),
      count(N.tryNumber, (node) => node.tryNumber),
      count(N.instances, (node) => node.instances),
      text(N.waiting, (node) => node.waiting, { displayName: 'Waiting reason' }),
      text(N.runSource, () => run?.source ?? null),
      text(N.dagId, () => run?.dagId ?? null),
      text(N.runId, () => run?.runId ?? null),
    ],
    { preferredVisualisationType: 'nodeGraph', notices: notices(notes) },
    RUN_GRAPH_FRAMES.nodes,
  );
}

function edgesFrame(edges: readonly GraphEdge[]): DataFrame {
  return frameOf<GraphEdge>(
    FRAME_KINDS.graphEdges,
    edges,
    [
      text(E.id, (edge) => edge.id),
      text(E.source, (edge) => edge.source),
      text(E.target, (edge) => edge.target),
      text(E.mainStat, (edge) => (edge.seconds === null ? null : formatSeconds(edge.seconds))),
      seconds(E.transitionSeconds, (edge) => edge.seconds, { displayName: 'Transition' }),
      flag(E.onCriticalPath, (edge) => edge.critical),
    ],
    { preferredVisualisationType: 'nodeGraph' },
    RUN_GRAPH_FRAMES.edges,
  );
}
