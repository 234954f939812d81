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

/** Half of a label and a little air, along and across the lines of text. */
const LABEL_ROOM = { LR: 32, TB: 16 } as const;

/** Where the label's middle stands: right before the target, where edges of one source have parted. */
export function labelPoint(points: readonly Point[], orientation: Orientation): Point {
  const [a, b] = [points.at(-2)!, points.at(-1)!];
  const length = orientation === 'LR' ? b.x - a.x : b.y - a.y;
  const along = length > 0 ? 1 - LABEL_ROOM[orientation] / length : 0.5;
  const t = Math.max(0, along);
  const across = t * t * (3 - 2 * t);
  return orientation === 'LR'
    ? { x: a.x + length * along, y: a.y + (b.y - a.y) * across }
    : { x: a.x + (b.x - a.x) * across, y: a.y + length * along };
}
