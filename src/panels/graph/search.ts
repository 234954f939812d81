import type { ShownGraph } from './fold.ts';
import type { GraphEdge } from './model.ts';
import { isSlow } from './toFlow.ts';

/** Ids of the shown nodes that match; a collapsed group matches by the tasks in it. Null for an empty text: nothing is searched. */
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

/** Where to look first in a graph too large to be read at once: what failed, else what runs; null for its beginning. */
export function focusOf(shown: ShownGraph): string | null {
  const inState = (state: string) =>
    shown.nodes.find((node) => (node.kind === 'task' ? node.node.state : node.state) === state)?.id;
  return inState('failed') ?? inState('running') ?? null;
}
