import { topologicalOrder } from '../../../../shared/dag.ts';
import { orderLayers } from './order.ts';
import { placeLayers } from './place.ts';
import type { Layout, LayoutInput, Point } from './types.ts';

const LAYER_GAP = 90;
const NODE_GAP = 16;
/** How wide the lane of an edge is that passes a layer. */
const LANE = 10;
/** More bends than this are not told apart: longer edges are drawn straight then. */
const MAX_BENDS = 6000;

/** A place in a layer: a node, or where a long edge passes. */
export interface Slot {
  layer: number;
  /** Extent across the layers' direction. */
  size: number;
  before: number[];
  after: number[];
}

/**
 * A layered drawing for big graphs (after Sugiyama, Tagawa and Toda, 1981): longest-path layers, an order in each layer
 * by barycentres, places by least squares. Linear in the edges for each sweep: a thousand tasks take some tens of
 * milliseconds.
 */
export function layoutLayered(input: LayoutInput): Layout {
  const horizontal = input.orientation === 'LR';
  const layerOf = assignLayers(input);
  const indexOf = new Map(input.nodes.map((node, index) => [node.id, index]));
  const slots = input.nodes.map((node): Slot => {
    return { layer: layerOf.get(node.id)!, size: horizontal ? node.height : node.width, before: [], after: [] };
  });
  const chains = addChains(input, slots, indexOf);
  const layers = orderLayers(slots);
  const across = placeLayers(slots, layers, NODE_GAP);
  const depth = layerDepth(input, horizontal);
  const point = (slot: number): Point => {
    const along = slots[slot]!.layer * (depth + LAYER_GAP);
    return horizontal ? { x: along, y: across[slot]! } : { x: across[slot]!, y: along };
  };
  const nodes: Layout['nodes'] = {};
  for (const [id, index] of indexOf) nodes[id] = point(index);
  const middle = (slot: number): Point => {
    const { x, y } = point(slot);
    return horizontal ? { x: x + depth / 2, y: y + LANE / 2 } : { x: x + LANE / 2, y: y + depth / 2 };
  };
  const bends = Object.fromEntries([...chains].map(([id, chain]) => [id, chain.map(middle)]));
  return { nodes, bends, groups: {}, ...extent(input, nodes) };
}

/** A node stands one layer after its latest upstream; edges of a cycle that lead back do not count. */
function assignLayers(input: LayoutInput): Map<string, number> {
  const upstreams = new Map<string, string[]>(input.nodes.map((node) => [node.id, []]));
  for (const edge of input.edges) if (upstreams.has(edge.source)) upstreams.get(edge.target)?.push(edge.source);
  const tasks = [...upstreams].map(([task_id, upstream_task_ids]) => ({ task_id, upstream_task_ids }));
  const { order } = topologicalOrder(tasks);
  const layers = new Map<string, number>();
  for (const id of [...order, ...upstreams.keys()]) {
    if (layers.has(id)) continue;
    const known = upstreams.get(id)!.map((upstream) => layers.get(upstream) ?? -1);
    layers.set(id, known.reduce((latest, layer) => Math.max(latest, layer), -1) + 1);
  }
  return layers;
}

/** Links slots of neighbouring layers; an edge over more layers gets a slot in each of those between. */
function addChains(input: LayoutInput, slots: Slot[], indexOf: ReadonlyMap<string, number>): Map<string, number[]> {
  const chains = new Map<string, number[]>();
  let bends = 0;
  for (const edge of input.edges) {
    const source = indexOf.get(edge.source);
    const target = indexOf.get(edge.target);
    if (source === undefined || target === undefined || source === target) continue;
    const span = slots[target]!.layer - slots[source]!.layer;
    const chain: number[] = [];
    let last = source;
    for (let layer = slots[source]!.layer + 1; span > 1 && bends < MAX_BENDS && layer < slots[target]!.layer; layer++) {
      const slot = slots.push({ layer, size: LANE, before: [], after: [] }) - 1;
      connect(slots, last, slot);
      chain.push(slot);
      last = slot;
      bends++;
    }
    if (slots[target]!.layer - slots[last]!.layer === 1) connect(slots, last, target);
    if (chain.length > 0) chains.set(edge.id, chain);
  }
  return chains;
}

function connect(slots: Slot[], from: number, to: number): void {
  slots[from]!.after.push(to);
  slots[to]!.before.push(from);
}

function layerDepth(input: LayoutInput, horizontal: boolean): number {
  return input.nodes.reduce((most, node) => Math.max(most, horizontal ? node.width : node.height), 0);
}

function extent(input: LayoutInput, nodes: Layout['nodes']): { width: number; height: number } {
  let [width, height] = [0, 0];
  for (const node of input.nodes) {
    width = Math.max(width, nodes[node.id]!.x + node.width);
    height = Math.max(height, nodes[node.id]!.y + node.height);
  }
  return { width, height };
}
