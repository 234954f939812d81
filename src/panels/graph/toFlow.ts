import { Position, type Edge, type Node } from '@xyflow/react';
import type { FoldedGroup, ShownGraph, ShownNode } from './fold.ts';
import { groupChain } from './fold.ts';
import { NODE_HEIGHT, NODE_WIDTH } from './layout/sizes.ts';
import type { Layout, LayoutInput, Orientation, Point } from './layout/types.ts';
import type { GraphNode } from '../../data/graphModel.ts';

export type TaskNodeType = Node<{ node: GraphNode; orientation: Orientation } & Emphasis, 'task'>;
export type GroupNodeType = Node<{ group: FoldedGroup; orientation: Orientation } & Emphasis, 'group'>;
export type GroupBoxType = Node<{ group: string; size: number }, 'box'>;
export type FlowNode = TaskNodeType | GroupNodeType | GroupBoxType;
export type FlowEdge = Edge<
  { seconds: number | null; slow: boolean; critical: boolean; labelled: boolean; bends: Point[]; faint: boolean },
  'transition'
>;

/** How a node is emphasised. */
export interface Emphasis extends Record<string, unknown> {
  active: boolean;
  selected: boolean;
  /** A search is active, and this node does not match. */
  faint: boolean;
  critical: boolean;
}

/** What the user has selected and searched for, and the panel's options. */
export interface Look {
  orientation: Orientation;
  slowSeconds: number;
  edgeLabels: 'all' | 'slow' | 'none';
  showCriticalPath: boolean;
  activeId: string | null;
  selectedTaskId: string | null;
  /** Ids of the nodes that match the search; null without a search. */
  found: ReadonlySet<string> | null;
}

export function layoutInput(shown: ShownGraph, orientation: Orientation): LayoutInput {
  const open = new Set(shown.openGroups.map((group) => group.id));
  const groupOf = (node: ShownNode) => {
    const chain = groupChain(node.kind === 'task' ? node.node.group : node.group);
    return chain.filter((group) => open.has(group)).at(-1) ?? null;
  };
  return {
    orientation,
    nodes: shown.nodes.map((node) => ({ id: node.id, width: NODE_WIDTH, height: NODE_HEIGHT, group: groupOf(node) })),
    edges: shown.edges.map(({ id, source, target }) => ({ id, source, target })),
    groups: shown.openGroups.map(({ id, parent }) => ({ id, parent })),
  };
}

export function isSlow(seconds: number | null, slowSeconds: number): boolean {
  return seconds !== null && seconds > slowSeconds;
}

/** Nodes in React Flow's form. Leaves out nodes that the layout does not contain yet. */
export function flowNodes(shown: ShownGraph, layout: Layout, look: Look): FlowNode[] {
  const boxes = shown.openGroups.flatMap((group): GroupBoxType[] => {
    const box = layout.groups[group.id];
    if (!box) return [];
    const { x, y, width, height } = box;
    const data = { group: group.id, size: group.size };
    return [{ id: `box ${group.id}`, type: 'box', position: { x, y }, width, height, data, zIndex: -1 }];
  });
  return [...boxes, ...shown.nodes.flatMap((node) => flowNode(node, layout, look))];
}

function flowNode(shown: ShownNode, layout: Layout, look: Look): FlowNode[] {
  const position = layout.nodes[shown.id];
  if (!position) return [];
  const critical = look.showCriticalPath && (shown.kind === 'task' ? shown.node.critical : shown.critical);
  const emphasis: Emphasis = {
    active: shown.id === look.activeId,
    selected: shown.id === look.selectedTaskId,
    faint: look.found !== null && !look.found.has(shown.id),
    critical,
  };
  const common = { id: shown.id, position, width: NODE_WIDTH, height: NODE_HEIGHT, handles: handles(look.orientation) };
  const { orientation } = look;
  return shown.kind === 'task'
    ? [{ ...common, type: 'task', data: { node: shown.node, orientation, ...emphasis } }]
    : [{ ...common, type: 'group', data: { group: shown, orientation, ...emphasis } }];
}

/** Given in advance, so that React Flow draws edges at once instead of after it has measured the nodes. */
function handles(orientation: Orientation): NonNullable<Node['handles']> {
  const end = { width: 1, height: 1 };
  return orientation === 'LR'
    ? [
        { ...end, type: 'target', position: Position.Left, x: 0, y: NODE_HEIGHT / 2 },
        { ...end, type: 'source', position: Position.Right, x: NODE_WIDTH - 1, y: NODE_HEIGHT / 2 },
      ]
    : [
        { ...end, type: 'target', position: Position.Top, x: NODE_WIDTH / 2, y: 0 },
        { ...end, type: 'source', position: Position.Bottom, x: NODE_WIDTH / 2, y: NODE_HEIGHT - 1 },
      ];
}

export function flowEdges(shown: ShownGraph, layout: Layout, look: Look): FlowEdge[] {
  const edges = shown.edges.flatMap((edge): FlowEdge[] => {
    if (!layout.nodes[edge.source] || !layout.nodes[edge.target]) return [];
    const slow = isSlow(edge.seconds, look.slowSeconds);
    const critical = look.showCriticalPath && edge.critical;
    const labelled = edge.seconds !== null && (look.edgeLabels === 'all' || (look.edgeLabels === 'slow' && slow));
    const faint = look.found !== null && !(look.found.has(edge.source) && look.found.has(edge.target));
    const data = { seconds: edge.seconds, slow, critical, labelled, bends: layout.bends[edge.id] ?? [], faint };
    return [{ id: edge.id, source: edge.source, target: edge.target, type: 'transition', data }];
  });
  return edges.sort((a, b) => weight(a) - weight(b));
}

/** Important edges are drawn last, over the others. A z-index would also lift them over the labels. */
function weight(edge: FlowEdge): number {
  return edge.data?.slow ? 2 : edge.data?.critical ? 1 : 0;
}
