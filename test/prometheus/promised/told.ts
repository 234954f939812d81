import { isWithin, type Interval } from '../simulation/heartbeats.ts';
import type { World } from './world.ts';

/** When a verdict is reported: at its time, or once an exporter can read the source again. */
export function toldAt(world: World, at: number): number {
  return hiddenFrom(world).reduce((told, [from, to]) => (told >= from && told < to ? to : told), at);
}

/** When an exporter first reads the source at or after a time; Infinity if none does. */
export function readAt(world: World, at: number): number {
  const { polls } = world;
  let [low, high] = [0, polls.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (polls[middle]! < at) low = middle + 1;
    else high = middle;
  }
  while (low < polls.length && isWithin(hiddenFrom(world), polls[low]!)) low += 1;
  return polls[low] ?? Infinity;
}

const HIDDEN = new WeakMap<World, Interval[]>();

/** When no exporter can read the source. */
function hiddenFrom(world: World): Interval[] {
  let hidden = HIDDEN.get(world);
  if (!hidden) HIDDEN.set(world, (hidden = [...world.unreadable, ...bothAway(world)].sort((a, b) => a[0] - b[0])));
  return hidden;
}

/** When no exporter is up. */
export function bothAway({ away: [first, second] }: World): Interval[] {
  return first.filter(([from]) => second.some(([other]) => other === from));
}
