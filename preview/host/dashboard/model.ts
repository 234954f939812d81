import type { DataQuery, DataTransformerConfig, FieldConfigSource } from '@grafana/data';

/** The parts of a dashboard's JSON that the preview uses. */
export interface DashboardJson {
  uid: string;
  title: string;
  time: { from: string; to: string };
  panels: PanelJson[];
  templating: { list: { name: string; type: string; query?: unknown; current?: { value?: unknown } }[] };
}

export interface PanelJson {
  id: number;
  type: string;
  title: string;
  description?: string;
  gridPos: GridPos;
  datasource?: { uid?: string };
  targets?: (DataQuery & { expr?: string; legendFormat?: string; format?: string })[];
  fieldConfig?: FieldConfigSource;
  options?: Record<string, unknown>;
  transformations?: DataTransformerConfig[];
}

export interface GridPos {
  x: number;
  y: number;
  w: number;
  h: number;
}

/** Sizes of Grafana's grid, in pixels. */
export const GRID = { columns: 24, cell: 30, gap: 8, stackedBelow: 769 };

export interface Place {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** The position of a panel at a given width. On a phone, panels fill the width and are below each other. */
export function placesOf(panels: readonly PanelJson[], width: number, windowWidth: number): Place[] {
  const { columns, cell, gap, stackedBelow } = GRID;
  const heightOf = (rows: number) => rows * (cell + gap) - gap;
  if (windowWidth < stackedBelow) {
    let top = 0;
    return panels.map(({ gridPos }) => {
      const place = { left: 0, top, width, height: heightOf(gridPos.h) };
      top += place.height + gap;
      return place;
    });
  }
  const column = (width - (columns - 1) * gap) / columns;
  return panels.map(({ gridPos: { x, y, w, h } }) => ({
    left: x * (column + gap),
    top: y * (cell + gap),
    width: w * column + (w - 1) * gap,
    height: heightOf(h),
  }));
}

/** The initial value of each variable: its default, or all values. */
export function startingValues({ templating }: DashboardJson): Record<string, string> {
  return Object.fromEntries(
    templating.list.map(({ name, type, query, current }) => {
      if (type === 'textbox') return [name, String(query ?? '')];
      const value = String(current?.value ?? '');
      return [name, value === '$__all' ? '.*' : value];
    }),
  );
}
