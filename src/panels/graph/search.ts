import { isFinishedTask } from '../../../shared/states.ts';
import type { GraphEdge } from '../../data/graphModel.ts';
import { STATES_BY_URGENCY } from '../../data/stateLook.ts';
import type { ShownGraph } from './fold.ts';
import type { Layout, Orientation } from './layout/types.ts';
import { isSlow } from './toFlow.ts';
import { firstNode } from './walk.ts';

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
 * Where to look first in a graph too large to read at once: at what failed, else at what runs or waits, else at its start. Null for a
 * graph without tasks.
 */
export function focusOf({ nodes }: ShownGraph, layout: Layout, orientation: Orientation): string | null {
  const inState = (state: string) =>
    nodes.find((node) => (node.kind === 'task' ? node.node.state : node.state) === state)?.id;
  for (const state of STATES_BY_URGENCY) {
    const id = UNSETTLED.has(state) ? inState(state) : undefined;
    if (id !== undefined) return id;
  }
  return firstNode(layout, orientation);
}

/** States that a person looks for. Those that only follow from others, or are good, are not among them. */
const UNSETTLED = new Set(STATES_BY_URGENCY.filter((state) => state === 'failed' || !isFinishedTask(state)));
