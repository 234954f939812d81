import type { DataFrame } from '@grafana/data';
import type { RunDetail } from '../../../shared/api.ts';
import type { GraphModel } from './model.ts';

/** The exporter's answer about one run, as the graph draws it. */
export function graphFromRun(_detail: RunDetail): GraphModel {
  return { nodes: [], edges: [], notes: [] };
}

/** Frames of the query type "Run graph" (GRAPH_NODE_FIELDS, GRAPH_EDGE_FIELDS), as the graph draws them. */
export function graphFromFrames(_frames: readonly DataFrame[]): GraphModel {
  return { nodes: [], edges: [], notes: [] };
}
