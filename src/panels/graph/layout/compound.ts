import { Graph, layout } from '@dagrejs/dagre';
import type { Box, Layout, LayoutInput, Point } from './types.ts';

const GROUP = 'group ';

/** Dagre's layout, with a box around each expanded group. */
export function layoutCompound(input: LayoutInput): Layout {
  const graph = new Graph({ compound: true, multigraph: true });
  graph.setGraph({ rankdir: input.orientation, nodesep: 20, edgesep: 10, ranksep: 72, marginx: 8, marginy: 8 });
  for (const group of input.groups) {
    graph.setNode(GROUP + group.id, {});
    if (group.parent !== null) graph.setParent(GROUP + group.id, GROUP + group.parent);
  }
  for (const node of input.nodes) {
    graph.setNode(node.id, { width: node.width, height: node.height });
    if (node.group !== null) graph.setParent(node.id, GROUP + node.group);
  }
  for (const edge of input.edges) {
    graph.setEdge(edge.source, edge.target, {}, edge.id);
  }
  layout(graph);
  const size = graph.graph() as { width?: number; height?: number };
  return {
    nodes: Object.fromEntries(input.nodes.map((node) => [node.id, corner(graph.node(node.id) as Box)])),
    bends: Object.fromEntries(
      graph.edges().map((edge) => [edge.name!, ((graph.edge(edge) as { points?: Point[] }).points ?? []).slice(1, -1)]),
    ),
    groups: Object.fromEntries(
      input.groups.map((group) => [
        group.id,
        withHeading(boxOf(graph.node(GROUP + group.id) as Box), levelsInside(group.id, input.groups)),
      ]),
    ),
    width: size.width ?? 0,
    height: size.height ?? 0,
  };
}

/** Dagre gives centres. */
function corner(box: Box): Point {
  return { x: box.x - box.width / 2, y: box.y - box.height / 2 };
}

/** Room for a group's name above its nodes; a group that holds others gives room for theirs as well. */
const HEADING = 10;

function withHeading(box: Box, levels: number): Box {
  const room = HEADING * (levels + 1);
  return { ...box, y: box.y - room, height: box.height + room };
}

function levelsInside(id: string, groups: LayoutInput['groups']): number {
  const inner = groups.filter((group) => group.parent === id).map((group) => 1 + levelsInside(group.id, groups));
  return Math.max(0, ...inner);
}

function boxOf(box: Box): Box {
  return { ...corner(box), width: box.width, height: box.height };
}
