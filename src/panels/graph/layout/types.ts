export type Orientation = 'LR' | 'TB';

export interface Point {
  x: number;
  y: number;
}

export interface Box extends Point {
  width: number;
  height: number;
}

export interface LayoutInput {
  orientation: Orientation;
  nodes: { id: string; width: number; height: number; group: string | null }[];
  edges: { id: string; source: string; target: string }[];
  /** Open groups, outer ones first; `parent` is the group around it. */
  groups: { id: string; parent: string | null }[];
}

export interface Layout {
  /** Top left corners, by node id. */
  nodes: Record<string, Point>;
  /** Bends between the two ends, by edge id; without the ends. */
  bends: Record<string, Point[]>;
  /** Boxes of the open groups. */
  groups: Record<string, Box>;
  width: number;
  height: number;
}

/** What takes a place across the layers: a task, the lane of a long edge, or an open group with all that is in it. */
export interface Item {
  /** Layers that it stands in; more than one for a group alone. */
  first: number;
  last: number;
  /** Extent across the layers' direction. */
  size: number;
  /** Each pair of neighbours is listed at both of its ends. */
  links: Link[];
}

export interface Link {
  layer: number;
  /** From the item's start to where the edge meets it. */
  offset: number;
  /** The other item, and the same of it. */
  to: number;
  toLayer: number;
  toOffset: number;
}
