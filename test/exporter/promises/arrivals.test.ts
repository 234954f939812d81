import { describe, expect, it } from 'vitest';
import { judgeArrivals } from '../../../exporter/promises/journeys.ts';
import { openRunsOf } from '../../../exporter/promises/openRuns.ts';
import type { JourneyRule } from '../../../exporter/promises/rules.ts';
import type { RunRow } from '../../../exporter/sources/rows.ts';

describe('an arrival', () => {
  const arrival = { run: 5, value: '42', atUs: 100 };
  const judged = (decisions: [run: number, value: string, endUs: number][], readUntilUs: number, isPaused = false) =>
    judgeArrivals(
      [arrival],
      decisions.map(([run, value, endUs]) => ({ run, value, endUs })),
      60,
      readUntilUs,
      isPaused,
    ).map(({ kept, atUs }) => [kept, atUs]);

  it.each([
    ['is open until its time is up', [], 160, []],
    ['is broken as soon as its time is up', [], 161, [[false, 160]]],
    ['is kept by a decision at the last moment', [[6, '42', 160]], 500, [[true, 160]]],
    [
      'is broken by a late decision, as of the time at which it should have come',
      [[6, '42', 161]],
      161,
      [[false, 160]],
    ],
    [
      'is kept by the first of several decisions',
      [
        [7, '42', 300],
        [6, '42', 120],
      ],
      500,
      [[true, 120]],
    ],
    ['is not decided by another value', [[6, '4', 120]], 130, []],
    ['is not decided by a run that is older than the arrival', [[4, '42', 120]], 130, []],
    ['may be decided by the run that brought it', [[5, '42', 120]], 130, [[true, 120]]],
  ] as const)('%s', (_, decisions, readUntilUs, verdicts) => {
    expect(
      judged(
        decisions.map(([run, value, endUs]) => [run, value, endUs]),
        readUntilUs,
      ),
    ).toEqual(verdicts);
  });

  it('does not break while the deciding DAG is paused, unless a decision came too late', () => {
    expect(judged([], 500, true)).toEqual([]);
    expect(judged([[6, '42', 400]], 500, true)).toEqual([[false, 160]]);
  });
});

it('an open journey is expected to end with the active run of its value, if that is not older', () => {
  const rule = { kind: 'journey', key: 'user_id', limitUs: 60 } as JourneyRule;
  const arrivals = [5, 6, 7].map((run) => ({ run, value: `user of ${run}`, atUs: run }));
  const active = (id: number, value: string) => ({
    run: { id } as RunRow,
    tasks: new Map(),
    keys: { user_id: [value] },
  });
  const runs = [active(4, 'user of 5'), active(9, 'user of 5'), active(6, 'user of 7'), active(8, 'another')];
  const promises = { dags: new Map(), arrivalsOf: () => arrivals };
  const open = openRunsOf({ rule, dag_id: 'flow' }, promises, runs, 0, ({ run }) => run.id * 100);
  expect(open.map(({ run, dueUs, expectedUs }) => [run?.id ?? null, dueUs, expectedUs])).toEqual([
    [9, 65, 900],
    [null, 66, null],
    [null, 67, null],
  ]);
});
