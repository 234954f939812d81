import { promiseMemory } from '../../../observability/promql/remembered.ts';
import { DEFAULT_THRESHOLDS } from '../../../observability/thresholds.ts';
import { isWithin } from '../simulation/heartbeats.ts';
import { START } from './plan.ts';
import type { Truth } from './terms.ts';
import { toldAt } from './told.ts';
import type { World } from './world.ts';

export const STEP = DEFAULT_THRESHOLDS.promise_interval;
/** For how long the alerts of a withdrawn promise may still fire. Rules remember it, as they do over a restart. */
export const REMEMBERED = promiseMemory(DEFAULT_THRESHOLDS) + STEP;
/** A poll, a scrape and an evaluation: the data of Prometheus may be up to two steps older, at both ends of a window. */
const SHIFTS = [0, 1, 2];

/** Verdicts that were reported until each step. */
function told(world: World, moments: readonly number[]): Uint32Array {
  const counts = new Uint32Array(world.seconds / STEP + 2);
  for (const at of moments) {
    const step = Math.ceil((toldAt(world, at) - START) / STEP);
    if (step < counts.length) counts[step]! += 1;
  }
  for (let step = 1; step < counts.length; step += 1) counts[step]! += counts[step - 1]!;
  return counts;
}

/** For each step, whether the allowance certainly burns too fast, and whether it possibly does. */
export function burningOf(world: World, truth: Truth): { must: Uint8Array; may: Uint8Array } {
  const steps = world.seconds / STEP + 1;
  const [must, may] = [new Uint8Array(steps), new Uint8Array(steps)];
  const kept = told(world, truth.kept);
  const broken = told(world, truth.broken);
  const budget = 1 - truth.share!;
  const { period } = truth.dag;
  const windows = DEFAULT_THRESHOLDS.flow_burn.filter(
    ({ longest_period = Infinity, shortest_period = 0 }) => period <= longest_period && period > shortest_period,
  );
  const at = (counts: Uint32Array, step: number): number => (step < 0 ? 0 : counts[step]!);
  // A window that begins before the start uses the first scrape.
  const atStart = (counts: Uint32Array, step: number, late: number): number =>
    step - late < 0 ? at(counts, late) : counts[step - late]!;
  const isBurning = (step: number, end: number, begin: number): boolean =>
    windows.some(({ long_seconds, short_seconds, factor, min_broken }) => {
      const line = factor > 1 ? Math.min(factor, Math.max(1, 0.72 / budget)) : 1;
      const late = (seconds: number): number =>
        at(broken, step - end) - atStart(broken, step - Math.round(seconds / STEP), begin);
      const all = (seconds: number): number =>
        late(seconds) + at(kept, step - end) - atStart(kept, step - Math.round(seconds / STEP), begin);
      const burns = (seconds: number): boolean => all(seconds) > 0 && late(seconds) / all(seconds) / budget > line;
      return late(long_seconds) >= min_broken && burns(long_seconds) && burns(short_seconds);
    });
  for (let step = 0; step < steps; step += 1) {
    const moment = START + step * STEP;
    const known = isWithin(truth.inForce, moment) || isWithin(truth.inForce, moment - REMEMBERED);
    if (!known || at(broken, step) === 0) continue;
    const found = SHIFTS.flatMap((end) => SHIFTS.map((begin) => isBurning(step, end, begin)));
    must[step] = Number(
      found.every(Boolean) && isWithin(truth.inForce, moment) && isWithin(truth.inForce, moment - 60),
    );
    may[step] = Number(found.some(Boolean));
  }
  return { must, may };
}
