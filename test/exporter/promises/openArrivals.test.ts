import { describe, expect, it } from 'vitest';
import type { Arrival } from '../../../exporter/promises/journeys.ts';
import { OpenArrivals } from '../../../exporter/promises/openArrivals.ts';
import { randomness } from '../../prometheus/simulation/heartbeats.ts';

const arrival = (run: number, value: string, atUs: number): Arrival => ({ run, value, atUs });
const runsOf = (arrivals: readonly Arrival[]): number[] => arrivals.map(({ run }) => run);

describe('open arrivals', () => {
  it('are found by value and by moment, in the order in which they came', () => {
    const open = new OpenArrivals('user', [arrival(1, 'a', 30), arrival(2, 'b', 10), arrival(3, 'a', 20)]);
    expect(runsOf(open.affectedBy(['a'], -Infinity))).toEqual([1, 3]);
    expect(runsOf(open.affectedBy([], 20))).toEqual([2]);
    expect(runsOf(open.affectedBy(['a'], 21))).toEqual([1, 2, 3]);
    expect(runsOf(open.affectedBy(['c'], 10))).toEqual([]);
  });

  it('may come out of order, and are no longer found once they are removed', () => {
    const [first, second] = [arrival(1, 'a', 30), arrival(2, 'a', 40)];
    const open = new OpenArrivals('user', [first, second]);
    open.add([arrival(3, 'b', 5)]);
    expect(runsOf(open.affectedBy([], 31))).toEqual([1, 3]);
    open.remove([first]);
    expect(runsOf(open.affectedBy(['a'], 31))).toEqual([2, 3]);
    expect(runsOf(open.all)).toEqual([2, 3]);
  });

  it('are the same as those that a walk over all of them finds, however they come and go', () => {
    const next = randomness(7);
    const random = (below: number): number => Math.floor(next() * below);
    const open = new OpenArrivals('user');
    let all: Arrival[] = [];
    for (let step = 0; step < 500; step++) {
      const nowUs = step * 10;
      const added = Array.from({ length: random(4) }, (_, at) =>
        arrival(step * 10 + at, `v${random(20)}`, nowUs - random(60)),
      );
      open.add(added);
      all = [...all, ...added];
      const values = new Set([`v${random(20)}`]);
      const beforeUs = nowUs - 30 - random(200);
      const expected = all.filter(({ value, atUs }) => values.has(value) || atUs < beforeUs);
      expect(open.affectedBy(values, beforeUs)).toEqual(expected);
      const gone = new Set(expected.filter(() => random(3) > 0));
      open.remove([...gone]);
      all = all.filter((one) => !gone.has(one));
      expect(open.all).toEqual(all);
    }
  });
});
