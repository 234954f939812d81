import type { Item } from './types.ts';

const SWEEPS = 8;

/** For each layer, the position of each item in it. */
type Places = readonly ReadonlyMap<number, number>[];

/**
 * Items by layer, in an order with few crossings. Each sweep sorts the layers by the mean position of their neighbours. Items
 * over several layers (open groups) are in each of them, in the same order in all; otherwise their boxes would cross.
 */
export function orderLayers(items: readonly Item[]): number[][] {
  let layers = initialOrder(items);
  let best = layers;
  let fewest = crossings(items, layers);
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep++) {
    layers = alignLong(items, sortByNeighbours(items, layers, sweep % 2 === 0));
    const count = crossings(items, layers);
    if (count < fewest) [best, fewest] = [layers, count];
  }
  return best;
}

/** Depth first from the first layer, so that connected items start next to each other. */
function initialOrder(items: readonly Item[]): number[][] {
  const depth = items.reduce((last, item) => Math.max(last, item.last + 1), 0);
  const layers = Array.from({ length: depth }, (): number[] => []);
  const seen = new Set<number>();
  const starts = items.map((_, index) => index).sort((a, b) => items[a]!.first - items[b]!.first);
  for (const start of starts) {
    const stack = [start];
    while (stack.length > 0) {
      const at = stack.pop()!;
      if (seen.has(at)) continue;
      seen.add(at);
      const { first, last, links } = items[at]!;
      for (let layer = first; layer <= last; layer++) layers[layer]!.push(at);
      for (const link of [...links].reverse()) if (link.toLayer > link.layer) stack.push(link.to);
    }
  }
  return alignLong(items, layers);
}

function sortByNeighbours(items: readonly Item[], layers: readonly number[][], down: boolean): number[][] {
  const sorted = layers.map((layer) => [...layer]);
  const places = sorted.map(placesIn);
  const indices = sorted.map((_, index) => index);
  for (const index of down ? indices : indices.reverse()) {
    const own = places[index]!;
    const mean = new Map<number, number>();
    for (const at of sorted[index]!) mean.set(at, meanPlace(items[at]!, index, down, places) ?? own.get(at)!);
    sorted[index]!.sort((a, b) => mean.get(a)! - mean.get(b)! || own.get(a)! - own.get(b)!);
    places[index] = placesIn(sorted[index]!);
  }
  return sorted;
}

function meanPlace(item: Item, layer: number, down: boolean, places: Places): number | null {
  let [sum, count] = [0, 0];
  for (const link of item.links) {
    if (link.layer !== layer || link.toLayer !== (down ? layer - 1 : layer + 1)) continue;
    sum += places[link.toLayer]!.get(link.to)!;
    count++;
  }
  return count === 0 ? null : sum / count;
}

/** If items over several layers have different orders, gives them the same order in every layer. */
function alignLong(items: readonly Item[], layers: number[][]): number[][] {
  const ranks = new Map<number, { sum: number; count: number }>();
  for (const layer of layers) {
    layer.forEach((at, place) => {
      if (items[at]!.first === items[at]!.last) return;
      const rank = ranks.get(at) ?? { sum: 0, count: 0 };
      ranks.set(at, { sum: rank.sum + place / layer.length, count: rank.count + 1 });
    });
  }
  if (ranks.size < 2) return layers;
  const rankOf = (at: number) => ranks.get(at)!.sum / ranks.get(at)!.count;
  const inOrder = [...ranks.keys()].sort((a, b) => rankOf(a) - rankOf(b) || a - b);
  return layers.map((layer) => {
    const here = new Set(layer);
    const next = inOrder.filter((at) => here.has(at)).values();
    return layer.map((at) => (ranks.has(at) ? next.next().value! : at));
  });
}

function placesIn(layer: readonly number[]): Map<number, number> {
  return new Map(layer.map((at, place) => [at, place]));
}

/** Number of crossings between neighbouring layers: inversions, counted with a Fenwick tree. */
export function crossings(items: readonly Item[], layers: readonly number[][]): number {
  let total = 0;
  for (const [index, layer] of layers.entries()) {
    const place = placesIn(layers[index + 1] ?? []);
    const tree = new Int32Array(place.size + 1);
    let seen = 0;
    for (const at of layer) {
      const targets = items[at]!.links.filter((link) => link.layer === index && link.toLayer === index + 1).map(
        (link) => place.get(link.to)!,
      );
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
