import { getViewportForBounds, type Viewport } from '@xyflow/react';
import { NODE_HEIGHT, NODE_WIDTH } from './layout/sizes.ts';
import type { Layout, Point } from './layout/types.ts';

export const MIN_ZOOM = 0.02;
export const MAX_ZOOM = 2;
/** Below this zoom the names in the nodes are not legible. */
export const LEGIBLE_ZOOM = 0.6;
/** At this zoom the names are easy to read. A search goes to its match at this zoom. */
export const READING_ZOOM = 0.8;

/** Below this zoom the graph is painted instead of built of elements, since their details would not be legible. */
export const OVERVIEW_ZOOM = 0.25;
/** Minimum zoom at which two tasks are shown together. */
const PAIR_ZOOM = 0.5;

interface Size {
  width: number;
  height: number;
}

/** The viewport that shows all of the graph, centred. */
export function fitViewport(layout: Layout, size: Size): Viewport {
  const bounds = { x: 0, y: 0, width: Math.max(1, layout.width), height: Math.max(1, layout.height) };
  return getViewportForBounds(bounds, size.width, size.height, MIN_ZOOM, 1, 0.04);
}

/** What is shown first: all of it where that can be read, else the part around `focus`. */
export function firstViewport(layout: Layout, size: Size, focus: string | null): Viewport {
  const fit = fitViewport(layout, size);
  const at = focus === null ? undefined : layout.nodes[focus];
  if (fit.zoom >= LEGIBLE_ZOOM || !at) return fit;
  return keepGraphInside(centreOn(at, size, READING_ZOOM), layout, size);
}

/** A viewport with the node at its middle. */
export function centreOn(corner: Point, size: Size, zoom: number): Viewport {
  const [x, y] = [corner.x + NODE_WIDTH / 2, corner.y + NODE_HEIGHT / 2];
  return { x: size.width / 2 - x * zoom, y: size.height / 2 - y * zoom, zoom };
}

/** The zoom at which both nodes are in view, as far as they can be read. */
export function zoomShowing(a: Point, b: Point, size: Size): number {
  const wide = size.width / (Math.abs(a.x - b.x) + 2 * NODE_WIDTH);
  const high = size.height / (Math.abs(a.y - b.y) + 4 * NODE_HEIGHT);
  return Math.min(READING_ZOOM, Math.max(PAIR_ZOOM, Math.min(wide, high)));
}

/** No empty margin beyond an edge of the graph where the graph goes on on the other side. */
function keepGraphInside(viewport: Viewport, layout: Layout, size: Size): Viewport {
  const margin = 24;
  const keep = (offset: number, extent: number, room: number) =>
    extent * viewport.zoom + 2 * margin <= room
      ? (room - extent * viewport.zoom) / 2
      : Math.max(room - margin - extent * viewport.zoom, Math.min(margin, offset));
  return {
    x: keep(viewport.x, layout.width, size.width),
    y: keep(viewport.y, layout.height, size.height),
    zoom: viewport.zoom,
  };
}
