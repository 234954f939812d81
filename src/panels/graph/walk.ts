import type { GraphEdge } from '../../data/graphModel.ts';
import type { Layout, Orientation, Point } from './layout/types.ts';

export type Direction = 'upstream' | 'downstream' | 'before' | 'after';

/** The direction of an arrow key in a graph of this orientation; null for other keys. */
export function directionOf(key: string, orientation: Orientation): Direction | null {
  const [back, on, before, after] =
    orientation === 'LR'
      ? ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown']
      : ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight'];
  if (key === back) return 'upstream';
  if (key === on) return 'downstream';
  if (key === before) return 'before';
  return key === after ? 'after' : null;
}

/** The node to go to from `from`: the other end of the nearest dependency, or the neighbour in the same layer. */
export function step(
  from: string,
  direction: Direction,
  edges: readonly GraphEdge[],
  layout: Layout,
  orientation: Orientation,
): string | null {
  const here = layout.nodes[from];
  if (!here) return null;
  const across = (point: Point) => (orientation === 'LR' ? point.y : point.x);
  const along = (point: Point) => (orientation === 'LR' ? point.x : point.y);
  const distance = (id: string) => Math.abs(across(layout.nodes[id]!) - across(here));
  const nearest = (ids: string[]) =>
    ids
      .filter((id) => layout.nodes[id])
      .reduce<string | null>((a, b) => (a === null || distance(b) < distance(a) ? b : a), null);
  if (direction === 'upstream') return nearest(edges.filter((edge) => edge.target === from).map((edge) => edge.source));
  if (direction === 'downstream')
    return nearest(edges.filter((edge) => edge.source === from).map((edge) => edge.target));
  const sign = direction === 'after' ? 1 : -1;
  const beside = Object.entries(layout.nodes).filter(
    ([, point]) => Math.abs(along(point) - along(here)) < 30 && (across(point) - across(here)) * sign > 0,
  );
  return nearest(beside.map(([id]) => id));
}

/** Where keyboard navigation starts: the first node of the first layer. */
export function firstNode(layout: Layout, orientation: Orientation): string | null {
  const rank = ({ x, y }: Point) => (orientation === 'LR' ? x * 1e6 + y : y * 1e6 + x);
  const entries = Object.entries(layout.nodes);
  return (
    entries.reduce<[string, Point] | null>((a, b) => (a === null || rank(b[1]) < rank(a[1]) ? b : a), null)?.[0] ?? null
  );
}
