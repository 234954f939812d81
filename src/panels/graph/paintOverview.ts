import type { GrafanaTheme2 } from '@grafana/data';
import { stateLook } from '../../data/stateLook.ts';
import type { ShownGraph, ShownNode } from './fold.ts';
import { NODE_HEIGHT, NODE_WIDTH } from './layout/sizes.ts';
import type { Layout, Point } from './layout/types.ts';
import { isSlow, type Look } from './toFlow.ts';

/** Position of the graph's origin, and the zoom. */
export interface Transform {
  x: number;
  y: number;
  zoom: number;
}

/** Paints the zoomed-out graph: nodes as blocks in their state's colour, edges as lines. Used when names are not legible. */
export function paintOverview(
  ctx: CanvasRenderingContext2D,
  shown: ShownGraph,
  layout: Layout,
  look: Look,
  transform: Transform,
  theme: GrafanaTheme2,
): void {
  paintEdges(ctx, shown, layout, look, transform, theme);
  const [width, height] = [Math.max(1.5, NODE_WIDTH * transform.zoom), Math.max(1.5, NODE_HEIGHT * transform.zoom)];
  for (const node of shown.nodes) {
    const at = layout.nodes[node.id];
    if (!at) continue;
    const [x, y] = [transform.x + at.x * transform.zoom, transform.y + at.y * transform.zoom];
    ctx.globalAlpha = look.found !== null && !look.found.has(node.id) ? 0.2 : 1;
    ctx.fillStyle = theme.visualization.getColorByName(stateLook(stateOf(node)).color);
    ctx.fillRect(x, y, width, height);
    const marked = node.id === look.activeId || node.id === look.selectedTaskId || look.found?.has(node.id);
    if (marked) outline(ctx, x, y, width, height, theme.colors.primary.main);
    else if (look.showCriticalPath && isCritical(node)) outline(ctx, x, y, width, height, theme.colors.text.primary);
  }
  ctx.globalAlpha = 1;
}

function paintEdges(
  ctx: CanvasRenderingContext2D,
  shown: ShownGraph,
  layout: Layout,
  look: Look,
  transform: Transform,
  theme: GrafanaTheme2,
): void {
  const kinds = [
    { color: theme.colors.border.strong, width: 0.75, of: () => true },
    { color: theme.colors.text.primary, width: 1.75, of: (e: Edge) => look.showCriticalPath && e.critical },
    { color: theme.colors.error.main, width: 2.5, of: (e: Edge) => isSlow(e.seconds, look.slowSeconds) },
  ];
  for (const kind of kinds) {
    ctx.strokeStyle = kind.color;
    ctx.lineWidth = kind.width;
    ctx.beginPath();
    for (const edge of shown.edges) if (kind.of(edge)) traceEdge(ctx, edge, layout, look, transform);
    ctx.stroke();
  }
}

type Edge = ShownGraph['edges'][number];

function traceEdge(ctx: CanvasRenderingContext2D, edge: Edge, layout: Layout, look: Look, transform: Transform): void {
  const source = layout.nodes[edge.source];
  const target = layout.nodes[edge.target];
  if (!source || !target) return;
  const horizontal = look.orientation === 'LR';
  const from = horizontal
    ? { x: source.x + NODE_WIDTH, y: source.y + NODE_HEIGHT / 2 }
    : { x: source.x + NODE_WIDTH / 2, y: source.y + NODE_HEIGHT };
  const to = horizontal
    ? { x: target.x, y: target.y + NODE_HEIGHT / 2 }
    : { x: target.x + NODE_WIDTH / 2, y: target.y };
  const place = (point: Point) =>
    [transform.x + point.x * transform.zoom, transform.y + point.y * transform.zoom] as const;
  ctx.moveTo(...place(from));
  for (const bend of layout.bends[edge.id] ?? []) ctx.lineTo(...place(bend));
  ctx.lineTo(...place(to));
}

function outline(
  ctx: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
  color: string,
): void {
  ctx.strokeStyle = color;
  ctx.lineWidth = 1.5;
  ctx.strokeRect(x - 0.5, y - 0.5, width + 1, height + 1);
}

function stateOf(node: ShownNode): string | null {
  return node.kind === 'task' ? node.node.state : node.state;
}

function isCritical(node: ShownNode): boolean {
  return node.kind === 'task' ? node.node.critical : node.critical;
}

/** The node at a point of the graph; null if there is none. */
export function nodeAt(layout: Layout, point: Point): string | null {
  for (const [id, { x, y }] of Object.entries(layout.nodes)) {
    if (point.x >= x && point.x <= x + NODE_WIDTH && point.y >= y && point.y <= y + NODE_HEIGHT) return id;
  }
  return null;
}
