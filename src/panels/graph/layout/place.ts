import type { Item } from './types.ts';

const SWEEPS = 6;

/**
 * Start of each item across the layers' direction, at least 0: near its neighbours, without overlaps. Items over several
 * layers (open groups) have one place in all of them, and items between two of them stay between them.
 */
export function placeItems(items: readonly Item[], layers: readonly number[][], gap: number): Float64Array {
  const across = stacked(items, layers, gap);
  const isLong = (at: number) => items[at]!.first < items[at]!.last;
  const long = items.map((_, index) => index).filter(isLong);
  const indices = layers.map((_, index) => index);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const down = sweep % 2 === 0;
    for (const at of long) moveLong(items, layers, across, gap, at, isLong);
    for (const index of down ? indices : [...indices].reverse()) {
      settleLayer(items, layers[index]!, across, gap, isLong, index, down);
    }
  }
  const least = across.reduce((min, value) => Math.min(min, value), Infinity);
  return least === Infinity ? across : across.map((value) => value - least);
}

/** Places each item behind those before it in all of its layers. Long items have one order in all layers, so this ends. */
function stacked(items: readonly Item[], layers: readonly number[][], gap: number): Float64Array {
  const across = new Float64Array(items.length);
  for (let moved = true; moved;) {
    moved = false;
    for (const layer of layers) {
      let least = 0;
      for (const at of layer) {
        if (across[at]! < least) [across[at], moved] = [least, true];
        least = across[at]! + items[at]!.size + gap;
      }
    }
  }
  return across;
}

/** Moves a long item towards its neighbours, as far as other long items and the items between them leave room. */
function moveLong(
  items: readonly Item[],
  layers: readonly number[][],
  across: Float64Array,
  gap: number,
  at: number,
  isLong: (at: number) => boolean,
): void {
  const { first, last, size, links } = items[at]!;
  if (links.length === 0) return;
  let [low, high] = [-Infinity, Infinity];
  for (let index = first; index <= last; index++) {
    const layer = layers[index]!;
    const place = layer.indexOf(at);
    let room = gap;
    for (let i = place - 1; i >= 0; i--) {
      const { size: between } = items[layer[i]!]!;
      if (isLong(layer[i]!)) low = Math.max(low, across[layer[i]!]! + between + room);
      if (isLong(layer[i]!)) break;
      room += between + gap;
    }
    room = gap;
    for (let i = place + 1; i < layer.length; i++) {
      if (isLong(layer[i]!)) high = Math.min(high, across[layer[i]!]! - room - size);
      if (isLong(layer[i]!)) break;
      room += items[layer[i]!]!.size + gap;
    }
  }
  const wanted = links.reduce((sum, link) => sum + across[link.to]! + link.toOffset - link.offset, 0) / links.length;
  across[at] = Math.max(low, Math.min(high, wanted));
}

/** Places the items between the long items of a layer; the long items keep their places. */
function settleLayer(
  items: readonly Item[],
  layer: readonly number[],
  across: Float64Array,
  gap: number,
  isLong: (at: number) => boolean,
  index: number,
  down: boolean,
): void {
  let [low, free]: [number, number[]] = [-Infinity, []];
  for (const at of layer) {
    if (!isLong(at)) free.push(at);
    else {
      settle(items, free, across, gap, { low, high: across[at]! - gap }, index, down);
      [low, free] = [across[at]! + items[at]!.size + gap, []];
    }
  }
  settle(items, free, across, gap, { low, high: Infinity }, index, down);
}

/**
 * Moves the items of one layer as close as possible (least squares) to the mean of their neighbours. They keep their order,
 * their distance and their bounds. With the distances subtracted this is isotonic regression, solved by pooling adjacent
 * violators and then clipping at the bounds.
 */
function settle(
  items: readonly Item[],
  free: readonly number[],
  across: Float64Array,
  gap: number,
  { low, high }: { low: number; high: number },
  layer: number,
  down: boolean,
): void {
  const pools: { sum: number; weight: number; count: number }[] = [];
  let offset = 0;
  const offsets = free.map((at) => {
    const mine = offset;
    offset += items[at]!.size + gap;
    return mine;
  });
  free.forEach((at, place) => {
    const { wanted, weight } = wish(items[at]!, across[at]!, across, layer, down);
    pools.push({ sum: (wanted - offsets[place]!) * weight, weight, count: 1 });
    while (pools.length > 1 && mean(pools.at(-2)!) > mean(pools.at(-1)!)) {
      const last = pools.pop()!;
      const into = pools.at(-1)!;
      into.sum += last.sum;
      into.weight += last.weight;
      into.count += last.count;
    }
  });
  let place = 0;
  for (const pool of pools) {
    const start = Math.max(low, Math.min(high - (offset - gap), mean(pool)));
    for (let taken = 0; taken < pool.count; taken++, place++) across[free[place]!] = start + offsets[place]!;
  }
}

function mean(pool: { sum: number; weight: number }): number {
  return pool.sum / pool.weight;
}

/** The start at which the item's links are level with the mean of its neighbours' in the layer before (or after). */
function wish(item: Item, here: number, across: Float64Array, layer: number, down: boolean) {
  let [sum, count] = [0, 0];
  for (const link of item.links) {
    if (link.toLayer !== (down ? layer - 1 : layer + 1)) continue;
    sum += across[link.to]! + link.toOffset - link.offset;
    count++;
  }
  return { wanted: count === 0 ? here : sum / count, weight: Math.max(0.1, count) };
}
