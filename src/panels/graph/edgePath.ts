import type { Orientation, Point } from './layout/types.ts';

/** Points at which an edge starts, bends and ends. */
export function edgePoints(from: Point, bends: readonly Point[], to: Point): Point[] {
  return [from, ...bends, to];
}

/** SVG path through the points. At each point it runs in the direction of the layers. */
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

/** Half the size of a label and a small margin, in the direction of the layers. */
const LABEL_ROOM = { LR: 32, TB: 16 } as const;

/** Middle of the label: right before the target, where edges of the same source have separated. */
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
