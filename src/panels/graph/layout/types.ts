export type Orientation = 'LR' | 'TB';

export interface Point {
  x: number;
  y: number;
}

export interface Box extends Point {
  width: number;
  height: number;
}

/** Plain data, so that it can be sent to a worker. */
export interface LayoutInput {
  orientation: Orientation;
  nodes: { id: string; width: number; height: number; group: string | null }[];
  edges: { id: string; source: string; target: string }[];
  /** Expanded groups that get a box, outer ones first; `parent` is the group around it. */
  groups: { id: string; parent: string | null }[];
}

export interface Layout {
  /** Top left corners, by node id. */
  nodes: Record<string, Point>;
  /** Bends between the two ends, by edge id; without the ends. */
  bends: Record<string, Point[]>;
  /** Boxes of the expanded groups; empty where the graph is too big for them. */
  groups: Record<string, Box>;
  width: number;
  height: number;
}
