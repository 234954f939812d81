import { useReactFlow } from '@xyflow/react';
import type { KeyboardEvent } from 'react';
import type { Size } from '../useElementSize.ts';
import type { Layout, Orientation } from './layout/types.ts';
import type { GraphEdge } from '../../data/graphModel.ts';
import { centreOn, fitViewport, READING_ZOOM, zoomShowing } from './viewport.ts';
import { directionOf, firstNode, step } from './walk.ts';

interface Place {
  layout: Layout;
  size: Size;
  orientation: Orientation;
  edges: readonly GraphEdge[];
  activeId: string | null;
  setActiveId: (id: string) => void;
  choose: (id: string) => void;
}

interface Travel {
  /** Goes to the id after the active node; from the last one it goes to the first. */
  goToNext: (ids: readonly string[]) => void;
  /** Goes to the edge after the one that leads to the active node, and shows both its ends if they stay legible. */
  goToNextEdge: (edges: readonly GraphEdge[]) => void;
  fit: () => void;
  zoomBy: (factor: number) => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

const ZOOM_STEP = 1.4;

/** Moves in the graph by buttons and keys. Keys without a command here go on to Grafana. */
export function useTravel({ layout, size, orientation, edges, activeId, setActiveId, choose }: Place): Travel {
  const flow = useReactFlow();
  const goTo = (id: string | null | undefined) => {
    const at = id == null ? undefined : layout.nodes[id];
    if (id == null || !at) return;
    setActiveId(id);
    void flow.setViewport(centreOn(at, size, Math.max(flow.getZoom(), READING_ZOOM)), { duration: glide() });
  };
  const goToNextEdge = (of: readonly GraphEdge[]) => {
    const edge = of[(of.findIndex((each) => each.target === activeId) + 1) % of.length];
    const [from, to] = [edge && layout.nodes[edge.source], edge && layout.nodes[edge.target]];
    if (!edge || !from || !to) return;
    setActiveId(edge.target);
    const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
    void flow.setViewport(centreOn(middle, size, zoomShowing(from, to, size)), { duration: glide() });
  };
  const fit = () => void flow.setViewport(fitViewport(layout, size), { duration: glide() });
  const zoomBy = (factor: number) => void flow.zoomTo(flow.getZoom() * factor, { duration: glide() });
  const neighbour = (key: string) => {
    const direction = directionOf(key, orientation);
    if (!direction) return undefined;
    return activeId ? step(activeId, direction, edges, layout, orientation) : firstNode(layout, orientation);
  };
  const commands: Readonly<Record<string, () => void>> = {
    '+': () => zoomBy(ZOOM_STEP),
    '=': () => zoomBy(ZOOM_STEP),
    '-': () => zoomBy(1 / ZOOM_STEP),
    '0': fit,
    f: fit,
    Enter: () => activeId && choose(activeId),
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== event.currentTarget) return;
    const next = neighbour(event.key);
    const command = next === undefined ? commands[event.key] : () => goTo(next);
    if (!command) return;
    event.preventDefault();
    event.stopPropagation();
    command();
  };
  const goToNext = (ids: readonly string[]) => goTo(ids[(ids.indexOf(activeId ?? '') + 1) % ids.length]);
  return { goToNext, goToNextEdge, fit, zoomBy, onKeyDown };
}

/** Duration of a move in milliseconds; 0 if the user's system asks for less motion. */
function glide(): number {
  return window.matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 200;
}
