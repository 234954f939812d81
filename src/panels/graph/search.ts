import type { ShownGraph } from './fold.ts';
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

/** Shown nodes whose start came late after an upstream, the latest first. */
export function slowStarts(shown: ShownGraph, slowSeconds: number): string[] {
  const slow = shown.edges.filter((edge) => isSlow(edge.seconds, slowSeconds));
  slow.sort((a, b) => b.seconds! - a.seconds!);
  return [...new Set(slow.map((edge) => edge.target))];
}

/** Where to look first in a graph too large to be read at once: what failed, else what runs; null for its beginning. */
export function focusOf(shown: ShownGraph): string | null {
  const inState = (state: string) =>
    shown.nodes.find((node) => (node.kind === 'task' ? node.node.state : node.state) === state)?.id;
  return inState('failed') ?? inState('running') ?? null;
}
