import type { Orientation, Point } from './layout/types.ts';

/** Points at which an edge leaves, bends and arrives. */
export function edgePoints(from: Point, bends: readonly Point[], to: Point): Point[] {
  return [from, ...bends, to];
}

/** SVG path through the points that runs along the layers' direction at each of them. */
export function edgePath(points: readonly Point[], orientation: Orientation): string {
  const [first, ...rest] = points;
  let path = `M${first!.x},${first!.y}`;
  let before = first!;
  for (const point of rest) {
    const [midX, midY] = [(before.x + point.x) / 2, (before.y + point.y) / 2];
    path +=
      orientation === 'LR'
        ? `C${midX},${before.y} ${midX},${point.y} ${point.x},${point.y}`
        : `C${before.x},${midY} ${point.x},${midY} ${point.x},${point.y}`;
    before = point;
  }
  return path;
}

/** Where the label stands: in the middle of the stretch nearest to the target, where edges of one source have parted. */
export function labelPoint(points: readonly Point[]): Point {
  const [a, b] = [points.at(-2)!, points.at(-1)!];
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}
