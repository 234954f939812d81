import type { GraphEdge } from '../../data/graphModel.ts';
import type { Layout, Orientation, Point } from './layout/types.ts';

export type Direction = 'upstream' | 'downstream' | 'before' | 'after';

/** What an arrow key means in a graph of this orientation. */
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

/** The node that one comes to from `from`: along the nearest dependency, or to the neighbour in the same layer. */
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

/** Where one starts: the node furthest back, the first of them across. */
export function firstNode(layout: Layout, orientation: Orientation): string | null {
  const rank = ({ x, y }: Point) => (orientation === 'LR' ? x * 1e6 + y : y * 1e6 + x);
  const entries = Object.entries(layout.nodes);
  return (
    entries.reduce<[string, Point] | null>((a, b) => (a === null || rank(b[1]) < rank(a[1]) ? b : a), null)?.[0] ?? null
  );
}
