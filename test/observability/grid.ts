import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';

/** A panel on the grid of 24 columns. */
export interface Tile {
  title: string;
  type: string;
  x: number;
  y: number;
  w: number;
  h: number;
}

export const COLUMNS = 24;

export function tilesOf({ panels = [] }: Dashboard): Tile[] {
  return panels.map(({ title, type, gridPos }) => ({
    title: title ?? '',
    type: type!,
    ...(gridPos as Omit<Tile, 'title' | 'type'>),
  }));
}

/** Where Grafana puts the panels: starting from the top, it moves each one up until it touches another one. */
export function compacted(tiles: readonly Tile[]): Tile[] {
  const placed: Tile[] = [];
  for (const tile of [...tiles].sort((a, b) => a.y - b.y || a.x - b.x)) {
    let y = tile.y;
    while (y > 0 && !placed.some((other) => overlap(other, { ...tile, y: y - 1 }))) y -= 1;
    while (placed.some((other) => overlap(other, { ...tile, y }))) y += 1;
    placed.push({ ...tile, y });
  }
  return placed;
}

/** Cells above the lowest panel that no panel covers, as `column, row`. */
export function holes(tiles: readonly Tile[]): string[] {
  const bottom = Math.max(...tiles.map(({ y, h }) => y + h));
  const free: string[] = [];
  for (let y = 0; y < bottom; y += 1) {
    for (let x = 0; x < COLUMNS; x += 1) {
      if (!tiles.some((tile) => overlap(tile, { x, y, w: 1, h: 1 }))) free.push(`${x}, ${y}`);
    }
  }
  return free;
}

type Area = Pick<Tile, 'x' | 'y' | 'w' | 'h'>;

function overlap(a: Area, b: Area): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}
