import { describe, expect, it } from 'vitest';
import { Worklist, type PassWork } from '../../../scheduler/core/worklist.ts';

const numbers = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);

function takeAll(worklist: Worklist): PassWork[] {
  const passes: PassWork[] = [];
  while (!worklist.isEmpty) passes.push(worklist.take());
  return passes;
}

describe('the worklist', () => {
  it('keeps abandoned attempts until the pass that examines their run', () => {
    const worklist = new Worklist();
    worklist.addAbandoned(numbers(250).map((dagRunId) => ({ id: 1000 + dagRunId, tryNumber: 2, dagRunId })));
    const passes = takeAll(worklist);
    expect(passes.map(({ runIds }) => runIds.length)).toEqual([100, 100, 50]);
    for (const { runIds, abandoned } of passes)
      expect([...abandoned]).toEqual(runIds.map((dagRunId) => [1000 + dagRunId, 2]));
  });

  it('bounds a pass even if runs wait for many different limits, and examines all in turn', () => {
    const worklist = new Worklist();
    const runIds = numbers(1000);
    worklist.noteBlocked(
      runIds,
      runIds.map((dagRunId) => ({ dagRunId, by: `dag:${dagRunId}`, priority: 1 })),
    );
    expect(worklist.isEmpty).toBe(true);
    worklist.add([2000]);
    const passes = takeAll(worklist);
    expect(Math.max(...passes.map((pass) => pass.runIds.length))).toBeLessThanOrEqual(200);
    expect(new Set(passes.flatMap((pass) => pass.runIds))).toEqual(new Set([2000, ...runIds]));
  });

  it('examines blocked runs in the order in which they get a free slot: by priority, then age', () => {
    const worklist = new Worklist();
    const runIds = numbers(40);
    worklist.noteBlocked(
      runIds,
      runIds.map((dagRunId) => ({ dagRunId, by: 'pool:p', priority: dagRunId === 40 ? 9 : 1 })),
    );
    worklist.add([99]);
    expect(worklist.take().runIds).toEqual([99, 40, ...numbers(31)]);
  });
});
