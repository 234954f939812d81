import type { Slot } from './layered.ts';

const SWEEPS = 8;

/** Slots by layer, in an order with few crossings: each sweep sorts the layers by the mean place of their neighbours. */
export function orderLayers(slots: readonly Slot[]): number[][] {
  let layers = initialOrder(slots);
  let best = layers;
  let fewest = crossings(slots, layers);
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep++) {
    layers = sortByNeighbours(slots, layers, sweep % 2 === 0);
    const count = crossings(slots, layers);
    if (count < fewest) [best, fewest] = [layers, count];
  }
  return best;
}

/** Depth first from the first layer, so that what hangs together starts out together. */
function initialOrder(slots: readonly Slot[]): number[][] {
  const layers: number[][] = [];
  const seen = new Set<number>();
  const starts = slots.map((_, index) => index).sort((a, b) => slots[a]!.layer - slots[b]!.layer);
  for (const start of starts) {
    const stack = [start];
    while (stack.length > 0) {
      const slot = stack.pop()!;
      if (seen.has(slot)) continue;
      seen.add(slot);
      (layers[slots[slot]!.layer] ??= []).push(slot);
      for (const next of [...slots[slot]!.after].reverse()) stack.push(next);
    }
  }
  return Array.from(layers, (layer) => layer ?? []);
}

function sortByNeighbours(slots: readonly Slot[], layers: readonly number[][], down: boolean): number[][] {
  const sorted = layers.map((layer) => [...layer]);
  const place = placesOf(sorted);
  const indices = sorted.map((_, index) => index);
  for (const index of down ? indices : [...indices].reverse()) {
    const mean = new Map<number, number>();
    for (const slot of sorted[index]!) {
      const neighbours = down ? slots[slot]!.before : slots[slot]!.after;
      const sum = neighbours.reduce((total, neighbour) => total + place.get(neighbour)!, 0);
      mean.set(slot, neighbours.length === 0 ? place.get(slot)! : sum / neighbours.length);
    }
    sorted[index]!.sort((a, b) => mean.get(a)! - mean.get(b)! || place.get(a)! - place.get(b)!);
    sorted[index]!.forEach((slot, at) => place.set(slot, at));
  }
  return sorted;
}

function placesOf(layers: readonly number[][]): Map<number, number> {
  return new Map(layers.flatMap((layer) => layer.map((slot, at): [number, number] => [slot, at])));
}

/** Pairs of edges between neighbouring layers that cross: inversions, counted with a Fenwick tree. */
export function crossings(slots: readonly Slot[], layers: readonly number[][]): number {
  const place = placesOf(layers);
  let total = 0;
  for (const [index, layer] of layers.entries()) {
    const width = layers[index + 1]?.length ?? 0;
    const tree = new Int32Array(width + 1);
    let seen = 0;
    for (const slot of layer) {
      const targets = slots[slot]!.after.map((next) => place.get(next)!);
      for (const target of targets) total += seen - countUpTo(tree, target);
      for (const target of targets) add(tree, target);
      seen += targets.length;
    }
  }
  return total;
}

function countUpTo(tree: Int32Array, at: number): number {
  let sum = 0;
  for (let i = at + 1; i > 0; i -= i & -i) sum += tree[i]!;
  return sum;
}

function add(tree: Int32Array, at: number): void {
  for (let i = at + 1; i < tree.length; i += i & -i) tree[i]!++;
}
