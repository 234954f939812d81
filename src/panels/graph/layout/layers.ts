import { topologicalOrder } from '../../../../shared/dag.ts';
import type { LayoutInput } from './types.ts';

/** An edge with more bends than this is drawn straight. */
const MAX_BENDS = 6000;
/** Width of the lane of an edge that passes through a layer. */
const LANE = 10;

/** A place in one layer: of a task, or of a long edge that passes through the layer. */
export interface Slot {
  layer: number;
  /** Extent across the layers' direction. */
  size: number;
  /** The innermost open group that contains it; null for none. */
  group: string | null;
}

/** The graph in layers: slots (those of the nodes first, in their order), pairs of neighbours, and the slots of long edges. */
export interface Layered {
  slots: Slot[];
  pairs: [from: number, to: number][];
  lanes: Map<string, number[]>;
}

/** `commonGroup` answers the innermost group that two slots share. */
export function layersOf(
  input: LayoutInput,
  commonGroup: (a: string | null, b: string | null) => string | null,
): Layered {
  const layerOf = assignLayers(input);
  const indexOf = new Map(input.nodes.map((node, index) => [node.id, index]));
  const sizeOf = (node: LayoutInput['nodes'][number]) => (input.orientation === 'LR' ? node.height : node.width);
  const slots = input.nodes.map((node): Slot => ({
    layer: layerOf.get(node.id)!,
    size: sizeOf(node),
    group: node.group,
  }));
  const pairs: Layered['pairs'] = [];
  const lanes: Layered['lanes'] = new Map();
  let bends = 0;
  for (const edge of input.edges) {
    const [source, target] = [indexOf.get(edge.source), indexOf.get(edge.target)];
    if (source === undefined || target === undefined || source === target) continue;
    const [first, last] = [slots[source]!.layer + 1, slots[target]!.layer];
    const group = commonGroup(slots[source]!.group, slots[target]!.group);
    const chain: number[] = [];
    for (let layer = first; layer < last && bends < MAX_BENDS; layer++, bends++) {
      chain.push(slots.push({ layer, size: LANE, group }) - 1);
    }
    const stops = [source, ...chain, target];
    for (let at = 1; at < stops.length; at++) {
      if (slots[stops[at]!]!.layer - slots[stops[at - 1]!]!.layer === 1) pairs.push([stops[at - 1]!, stops[at]!]);
    }
    if (chain.length > 0) lanes.set(edge.id, chain);
  }
  return { slots, pairs, lanes };
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
