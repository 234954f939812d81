import type { ShownGraph, ShownNode } from './fold.ts';
import type { GraphEdge } from '../../data/graphModel.ts';
import { isSlow } from './toFlow.ts';

/** Ids of the shown nodes that match; a collapsed group matches by its tasks. Null for an empty text: no search is active. */
export function findNodes(shown: ShownGraph, text: string): Set<string> | null {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return null;
  const matches = (...words: (string | null)[]) => words.some((word) => word?.toLowerCase().includes(wanted));
  const found = shown.nodes.filter((shownNode) =>
    shownNode.kind === 'task'
      ? matches(shownNode.node.title, shownNode.node.operator)
      : matches(shownNode.group, ...shownNode.tasks.map((task) => task.title)),
  );
  return new Set(found.map((node) => node.id));
}

/** Transitions that took too long, the longest first. */
export function slowEdges(shown: ShownGraph, slowSeconds: number): GraphEdge[] {
  const slow = shown.edges.filter((edge) => isSlow(edge.seconds, slowSeconds));
  return slow.sort((a, b) => b.seconds! - a.seconds!);
}

/**
 * Where to look first in a graph too large to read at once: a failed task, else a running one, else the task of the critical path
 * that took longest, else the first one. Null for a graph without tasks.
 */
export function focusOf({ nodes }: ShownGraph): string | null {
  const inState = (state: string) =>
    nodes.find((node) => (node.kind === 'task' ? node.node.state : node.state) === state)?.id;
  return inState('failed') ?? inState('running') ?? longestCritical(nodes) ?? nodes[0]?.id ?? null;
}

function longestCritical(nodes: readonly ShownNode[]): string | undefined {
  const critical = nodes.flatMap((node) => {
    const tasks = (node.kind === 'task' ? [node.node] : node.tasks).filter((task) => task.critical);
    return tasks.length === 0 ? [] : [{ id: node.id, seconds: Math.max(...tasks.map((t) => t.durationSeconds ?? 0)) }];
  });
  return critical.sort((a, b) => b.seconds - a.seconds)[0]?.id;
}
