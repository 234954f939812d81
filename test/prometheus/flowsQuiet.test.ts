import { describe, expect, it } from 'vitest';
import { playScenarios, steps, type Scenario } from './support/promtool.ts';
import { HOUR, sourceUp, runs, promised, transitions, queueAge, gains, silent } from './support/flowSeries.ts';

/** A counter that restarts from zero, as after the loss of the index. */
const resetAt = (moment: number, count: (second: number) => number) => (second: number) =>
  second < moment ? count(second) : count(second) - count(moment);

const quiet: Scenario[] = [
  silent('an ordinary day', {
    ...runs({ fast: gains(2, [0, 9 * HOUR]), failed: gains(1 / 60, [0, 9 * HOUR]) }),
    ...transitions({ fast: gains(80, [0, 9 * HOUR]), slow: gains(1, [0, 9 * HOUR]) }),
    ...queueAge((second) => second % 60),
  }),
  silent('one slow run in an idle night', {
    ...runs({ fast: steps(100), slow: steps(0, [HOUR, 1]) }),
    ...transitions({ fast: steps(4_000), slow: steps(0, [HOUR, 40]) }),
  }),
  silent('a DAG that breaks as much of its promise as is allowed', {
    ...promised({ fast: gains(19, [0, 4 * HOUR]), slow: gains(1, [0, 4 * HOUR]) }, 3),
  }),
  silent('DAGs to which nothing is promised, however slow', {
    ...runs({ slow: gains(2, [0, 4 * HOUR]) }),
  }),
  silent('two late runs of a DAG that runs every minute', {
    ...promised({ fast: gains(1, [0, 4 * HOUR]), slow: steps(0, [HOUR, 1], [2 * HOUR, 2]) }),
  }),
  silent('promises whose counters come back as they were after a restart of the exporter', {
    ...promised({
      fast: (second) => (second > HOUR && second < HOUR + 300 ? 'stale' : 90),
      slow: (second) => (second > HOUR && second < HOUR + 300 ? 'stale' : 40),
    }),
  }),
  silent('a night without any run', {
    ...runs({ fast: steps(100), slow: steps(3), failed: steps(7) }),
    ...transitions({ fast: steps(9) }),
  }),
  silent('a paused DAG whose last runs were slow and failed', {
    ...runs({ fast: steps(5), slow: steps(50), failed: steps(20) }),
    ...queueAge(() => 0),
  }),
  silent('counters that start again from zero', {
    ...runs({
      fast: resetAt(2 * HOUR, gains(2, [0, 4 * HOUR])),
      failed: resetAt(2 * HOUR, gains(0.02, [0, 4 * HOUR])),
    }),
    ...transitions({ fast: resetAt(2 * HOUR, gains(80, [0, 4 * HOUR])) }),
  }),
  silent('counters that come back as they were after a restart of the exporter', {
    ...sourceUp,
    ...runs({
      fast: (second) => (second > HOUR && second < HOUR + 300 ? 'stale' : 9_000),
      slow: (second) => (second > HOUR && second < HOUR + 300 ? 'stale' : 4_000),
      failed: (second) => (second > HOUR && second < HOUR + 300 ? 'stale' : 4_000),
    }),
  }),
  silent('an exporter that moves to another address with all its counts', {
    ...runs({
      fast: steps(9_000, [HOUR, 'stale']),
      slow: steps(900, [HOUR, 'stale']),
      failed: steps(900, [HOUR, 'stale']),
    }),
    ...Object.fromEntries(
      Object.entries(
        runs({ fast: steps(null, [HOUR, 9_000]), slow: steps(null, [HOUR, 900]), failed: steps(null, [HOUR, 900]) }),
      ).map(([name, at]) => [name.replace('e:1', 'e:2'), at]),
    ),
    'runbeat_source_up{source="main", job="runbeat", instance="e:2"}': steps(null, [HOUR, 1]),
  }),
  silent('a Prometheus that is new to an exporter with a long past', {
    ...runs({ fast: steps(null, [120, 1_000]), slow: steps(null, [120, 900]), failed: steps(null, [120, 500]) }),
    'runbeat_source_up{source="main", job="runbeat", instance="e:1"}': steps(null, [120, 1]),
  }),
  silent('a new DAG whose first run is slow', {
    ...runs({ fast: steps(10) }, 'old'),
    ...runs({ fast: steps(null, [HOUR, 0]), slow: steps(null, [HOUR, 1]), failed: () => null }, 'new'),
  }),
  silent(
    'a deploy of the workers',
    queueAge((second) => (second >= HOUR && second < HOUR + 90 ? second - HOUR : 0)),
  ),
];

describe('flow alerts that must not fire, through promtool', { timeout: 600_000 }, () => {
  it.each(quiet)('all stay silent for $name', async (it) => {
    await expect(playScenarios([it])).resolves.toBeUndefined();
  });
});
