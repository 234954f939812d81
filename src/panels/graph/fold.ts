import { aggregateState } from '../../data/stateLook.ts';
import type { GraphEdge, GraphModel, GraphNode } from '../../data/graphModel.ts';

/** A task, or a collapsed group of them. */
export type ShownNode = { kind: 'task'; id: string; node: GraphNode } | FoldedGroup;

export interface FoldedGroup {
  kind: 'group';
  id: string;
  /** Dotted name. */
  group: string;
  tasks: GraphNode[];
  state: string | null;
  critical: boolean;
}

export interface ShownGraph {
  nodes: ShownNode[];
  /** Edges between shown nodes. Several edges between the same two nodes become one, with the seconds of the slowest. */
  edges: GraphEdge[];
  /** Open groups, outer ones first. */
  openGroups: { id: string; parent: string | null; size: number }[];
}

/** Prefix of a collapsed group's node id; a task_id cannot contain a blank. */
export const GROUP_ID = 'group ';

/** A dotted group and the groups that contain it, outer ones first: `a.b` → `a`, `a.b`. */
export function groupChain(group: string | null): string[] {
  if (group === null) return [];
  const parts = group.split('.');
  return parts.map((_, at) => parts.slice(0, at + 1).join('.'));
}

/** All groups of the graph with their numbers of tasks, outer ones first. */
export function groupSizes(model: GraphModel): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const node of model.nodes) {
    for (const group of groupChain(node.group)) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  }
  return new Map([...sizes].sort(([a], [b]) => a.split('.').length - b.split('.').length));
}

/** The graph with each collapsed group as one node. */
export function fold(model: GraphModel, collapsed: ReadonlySet<string>): ShownGraph {
  const holder = (node: GraphNode) => groupChain(node.group).find((group) => collapsed.has(group)) ?? null;
  const folded = new Map<string, GraphNode[]>();
  const shownId = new Map<string, string>();
  const nodes: ShownNode[] = [];
  for (const node of model.nodes) {
    const group = holder(node);
    shownId.set(node.id, group === null ? node.id : GROUP_ID + group);
    if (group === null) nodes.push({ kind: 'task', id: node.id, node });
    else folded.set(group, [...(folded.get(group) ?? []), node]);
  }
  for (const [group, tasks] of folded) nodes.push(foldedGroup(group, tasks));
  return { nodes, edges: foldEdges(model.edges, shownId), openGroups: openGroups(model, collapsed) };
}

function foldedGroup(group: string, tasks: GraphNode[]): FoldedGroup {
  return {
    kind: 'group',
    id: GROUP_ID + group,
    group,
    tasks,
    state: aggregateState(tasks.map((task) => task.state)),
    critical: tasks.some((task) => task.critical),
  };
}

function foldEdges(edges: readonly GraphEdge[], shownId: ReadonlyMap<string, string>): GraphEdge[] {
  const merged = new Map<string, GraphEdge>();
  for (const edge of edges) {
    const source = shownId.get(edge.source);
    const target = shownId.get(edge.target);
    if (source === undefined || target === undefined || source === target) continue;
    const id = source === edge.source && target === edge.target ? edge.id : JSON.stringify([source, target]);
    const known = merged.get(id);
    merged.set(id, { ...edge, id, source, target, ...(known ? slower(known, edge) : {}) });
  }
  return [...merged.values()];
}

function slower(a: GraphEdge, b: GraphEdge): Pick<GraphEdge, 'seconds' | 'critical'> {
  const seconds = a.seconds === null ? b.seconds : b.seconds === null ? a.seconds : Math.max(a.seconds, b.seconds);
  return { seconds, critical: a.critical || b.critical };
}

function openGroups(model: GraphModel, collapsed: ReadonlySet<string>): ShownGraph['openGroups'] {
  return [...groupSizes(model)].flatMap(([id, size]) => {
    const chain = groupChain(id);
    if (chain.some((group) => collapsed.has(group))) return [];
    return [{ id, parent: chain.at(-2) ?? null, size }];
  });
}

/** With more tasks than this, groups start collapsed: forty tasks can be read at once, hundreds cannot. */
const MANY_NODES = 120;

/** Groups that start collapsed. */
export function initiallyCollapsed(model: GraphModel, groups: 'auto' | 'expanded' | 'collapsed'): Set<string> {
  const collapse = groups === 'collapsed' || (groups === 'auto' && model.nodes.length > MANY_NODES);
  return new Set(collapse ? groupSizes(model).keys() : []);
}
