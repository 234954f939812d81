import type { Slot } from './layered.ts';

const SWEEPS = 6;

/** Start of each slot across the layers' direction, not below 0: near its neighbours, never over the one beside it. */
export function placeLayers(slots: readonly Slot[], layers: readonly number[][], gap: number): Float64Array {
  const across = new Float64Array(slots.length);
  for (const layer of layers) {
    let at = 0;
    for (const slot of layer) {
      across[slot] = at;
      at += slots[slot]!.size + gap;
    }
  }
  const indices = layers.map((_, index) => index);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const down = sweep % 2 === 0;
    for (const index of down ? indices : [...indices].reverse()) {
      settle(slots, layers[index]!, across, gap, (slot) => (down ? slot.before : slot.after));
    }
  }
  const least = across.reduce((min, value) => Math.min(min, value), Infinity);
  return least === Infinity ? across : across.map((value) => value - least);
}

/**
 * Moves the slots of one layer as near as can be (least squares) to the mean of their neighbours while they keep their
 * order and distance. With the distances subtracted this is isotonic regression, solved by pooling adjacent violators.
 */
function settle(
  slots: readonly Slot[],
  layer: readonly number[],
  across: Float64Array,
  gap: number,
  neighboursOf: (slot: Slot) => number[],
): void {
  const pools: { sum: number; weight: number; count: number }[] = [];
  let offset = 0;
  const offsets = layer.map((slot) => {
    const mine = offset;
    offset += slots[slot]!.size + gap;
    return mine;
  });
  layer.forEach((slot, at) => {
    const neighbours = neighboursOf(slots[slot]!);
    const weight = Math.max(0.1, neighbours.length);
    const wanted = (neighbours.length === 0 ? across[slot]! : centre(slots, slot, neighbours, across)) - offsets[at]!;
    pools.push({ sum: wanted * weight, weight, count: 1 });
    while (pools.length > 1 && mean(pools.at(-2)!) > mean(pools.at(-1)!)) {
      const last = pools.pop()!;
      const into = pools.at(-1)!;
      into.sum += last.sum;
      into.weight += last.weight;
      into.count += last.count;
    }
  });
  let at = 0;
  for (const pool of pools) {
    for (let taken = 0; taken < pool.count; taken++, at++) across[layer[at]!] = mean(pool) + offsets[at]!;
  }
}

function mean(pool: { sum: number; weight: number }): number {
  return pool.sum / pool.weight;
}

/** Start at which the slot's middle is the mean of its neighbours' middles. */
function centre(slots: readonly Slot[], slot: number, neighbours: readonly number[], across: Float64Array): number {
  const middles = neighbours.reduce((sum, other) => sum + across[other]! + slots[other]!.size / 2, 0);
  return middles / neighbours.length - slots[slot]!.size / 2;
}
