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
  /** Open groups, outer ones first; `parent` is the group that contains it. */
  groups: { id: string; parent: string | null }[];
}

export interface Layout {
  /** Top left corners, by node id. */
  nodes: Record<string, Point>;
  /** Bends by edge id, without the two ends. */
  bends: Record<string, Point[]>;
  /** Boxes of the open groups. */
  groups: Record<string, Box>;
  width: number;
  height: number;
}

/** An item of a layer: a task, the lane of a long edge, or an open group with its contents. */
export interface Item {
  /** First and last layer that it takes part in; they differ only for a group. */
  first: number;
  last: number;
  /** Extent across the layers' direction. */
  size: number;
  /** Each link is listed at both of its ends. */
  links: Link[];
}

export interface Link {
  layer: number;
  /** Distance from the item's start to where the edge meets it. */
  offset: number;
  /** The other item, and the same distance there. */
  to: number;
  toLayer: number;
  toOffset: number;
}
