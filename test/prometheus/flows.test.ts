import { describe, expect, it } from 'vitest';
import { missingBinaries } from '../../platform/processes/binaries.ts';
import { playScenarios, steps, type Labels, type Sample, type Scenario, type Series } from './support/promtool.ts';

const HOUR = 3_600;
const AT = 'job="runbeat", instance="e:1"';
const DAG = [{ source: 'main', dag_id: 'onboarding' }];
const MAIN = [{ source: 'main' }];
const ALL = ['RunbeatTransitionLatencyHigh', 'RunbeatFlowLatencySLO', 'RunbeatFlowFailures', 'RunbeatWorkerBacklog'];
const sourceUp: Series = { [`runbeat_source_up{source="main", ${AT}}`]: () => 1 };

type Counter = (second: number) => Sample;

/** Finished runs of a DAG, as the exporter's counters and its histogram tell them; counts are totals at a second. */
function runs(counts: { fast?: Counter; slow?: Counter; failed?: Counter }, dag = 'onboarding'): Series {
  const labels = (more: string): string => `{source="main", dag_id="${dag}", ${more}${AT}}`;
  const { fast = () => 0, slow = () => 0, failed = () => null } = counts;
  const sum =
    (...parts: Counter[]): Counter =>
    (second) => {
      const samples = parts.map((part) => part(second));
      const numbers = samples.filter((sample): sample is number => typeof sample === 'number');
      if (numbers.length > 0) return numbers.reduce((a, b) => a + b, 0);
      return samples.includes('stale') ? 'stale' : null;
    };
  const ended = sum(fast, slow);
  return {
    [`runbeat_run_duration_seconds_bucket${labels('state="success", le="1", ')}`]: (second) =>
      ended(second) === null ? null : 0,
    [`runbeat_run_duration_seconds_bucket${labels('state="success", le="180", ')}`]: (second) =>
      ended(second) === null ? null : (sum(fast)(second) ?? 0),
    [`runbeat_run_duration_seconds_bucket${labels('state="success", le="240", ')}`]: ended,
    [`runbeat_run_duration_seconds_bucket${labels('state="success", le="+Inf", ')}`]: ended,
    [`runbeat_run_duration_seconds_count${labels('state="success", ')}`]: ended,
    [`runbeat_runs_finished_total${labels('state="success", ')}`]: ended,
    [`runbeat_runs_finished_total${labels('state="failed", ')}`]: failed,
  };
}

/** Transitions: all within a second, or all of about 4 s. */
function transitions(counts: { fast?: Counter; slow?: Counter }, dag = 'onboarding'): Series {
  const { fast = () => 0, slow = () => 0 } = counts;
  const bucket = (le: string): string =>
    `runbeat_task_transition_seconds_bucket{source="main", dag_id="${dag}", le="${le}", ${AT}}`;
  const total: Counter = (second) => Number(fast(second)) + Number(slow(second));
  return {
    [bucket('1')]: fast,
    [bucket('3')]: fast,
    [bucket('5')]: total,
    [bucket('+Inf')]: total,
    [`runbeat_task_transition_seconds_count{source="main", dag_id="${dag}", ${AT}}`]: total,
  };
}

const queueAge = (at: Counter): Series => ({
  [`runbeat_queue_oldest_task_age_seconds{source="main", queue="default", ${AT}}`]: at,
});

/** Total of a counter that gains `perMinute` in each of the given intervals of seconds. */
function gains(perMinute: number, ...intervals: [from: number, to: number][]): (second: number) => number {
  return (second) =>
    intervals.reduce(
      (sum, [from, to]) => sum + perMinute * Math.floor(Math.max(0, Math.min(second, to) - from) / 60),
      0,
    );
}

function scenario(name: string, series: Series, firing: Scenario['firing'], told?: Scenario['told']): Scenario {
  const seconds = Math.max(...[...firing, ...(told ?? [])].map(({ at }) => at)) + 60;
  return { name, rules: 'flows', seconds, series: { ...sourceUp, ...series }, firing, told };
}

function silent(name: string, series: Series, hours = 4): Scenario {
  const moments = Array.from({ length: hours * 30 }, (_, index) => (index + 1) * 120);
  return scenario(
    name,
    series,
    moments.flatMap((at) => ALL.map((alert) => ({ at, alert, labels: [] }))),
  );
}

const moment = (alert: string, at: number, labels: Labels[] = []) => ({ at, alert, labels });

const fires: Scenario[] = [
  scenario(
    'RunbeatTransitionLatencyHigh fires five minutes after p95 has passed 3 s, and ends when the window is clean',
    transitions({ fast: gains(20, [0, HOUR], [2 * HOUR, 4 * HOUR]), slow: gains(20, [HOUR, 2 * HOUR]) }),
    [
      // A minute of slow ones is 1/15 of the window, and so above its 5%.
      moment('RunbeatTransitionLatencyHigh', HOUR + 300),
      moment('RunbeatTransitionLatencyHigh', HOUR + 420, MAIN),
      moment('RunbeatTransitionLatencyHigh', 2 * HOUR, MAIN),
      moment('RunbeatTransitionLatencyHigh', 2 * HOUR + 960),
    ],
    [
      {
        at: 2 * HOUR,
        alert: 'RunbeatTransitionLatencyHigh',
        labels: MAIN[0]!,
        summary: '5% of the transitions of main in the last 15m took longer than 4.9s; promised are 3s',
      },
    ],
  ),
  scenario(
    'RunbeatFlowLatencySLO fires within the hour when all runs are slow, and ends soon after they are fast again',
    runs({ fast: gains(1, [0, 8 * HOUR], [10 * HOUR, 20 * HOUR]), slow: gains(1, [8 * HOUR, 10 * HOUR]) }),
    [
      // A twentieth of the 8 h 25 min that this Prometheus knows; from then on the slowest pair burns too fast.
      moment('RunbeatFlowLatencySLO', 8 * HOUR + 1_440),
      moment('RunbeatFlowLatencySLO', 8 * HOUR + 1_680, DAG),
      moment('RunbeatFlowLatencySLO', 9 * HOUR, DAG),
      moment('RunbeatFlowLatencySLO', 10 * HOUR, DAG),
      // The 30-minute window is clean first; what is left of the month's allowance is the slow pair's matter.
      moment('RunbeatFlowLatencySLO', 17 * HOUR),
    ],
  ),
  scenario(
    'RunbeatFlowLatencySLO fires three quarters of an hour into an outage of a DAG that was fast for days, and ends with it',
    runs({ fast: gains(1, [0, 72 * HOUR], [73 * HOUR, 76 * HOUR]), slow: gains(1, [72 * HOUR, 73 * HOUR]) }),
    [
      // 14.4 times 5% of an hour are 43 minutes.
      moment('RunbeatFlowLatencySLO', 72 * HOUR + 42 * 60),
      moment('RunbeatFlowLatencySLO', 72 * HOUR + 45 * 60, DAG),
      // Five clean minutes end it.
      moment('RunbeatFlowLatencySLO', 73 * HOUR, DAG),
      moment('RunbeatFlowLatencySLO', 73 * HOUR + 7 * 60),
    ],
  ),
  scenario(
    'RunbeatFlowLatencySLO tells of a tenth of the runs being slow all day',
    runs({ fast: gains(9, [0, 24 * HOUR]), slow: gains(1, [6 * HOUR, 24 * HOUR]) }),
    [moment('RunbeatFlowLatencySLO', 6 * HOUR), moment('RunbeatFlowLatencySLO', 24 * HOUR, DAG)],
  ),
  scenario(
    'RunbeatFlowFailures fires at the third failure among many runs, and ends an hour after the last',
    runs({ fast: gains(0.5, [0, 6 * HOUR]), failed: steps(0, [HOUR, 1], [HOUR + 600, 2], [HOUR + 1_200, 3]) }),
    [
      moment('RunbeatFlowFailures', HOUR + 1_140),
      moment('RunbeatFlowFailures', HOUR + 1_200, DAG),
      moment('RunbeatFlowFailures', HOUR + 3_000, DAG),
      moment('RunbeatFlowFailures', 2 * HOUR + 1_300),
    ],
  ),
  scenario(
    'RunbeatFlowFailures fires at the first failure of a DAG that runs once a day',
    runs({ fast: steps(3), failed: steps(0, [3 * HOUR, 1]) }),
    [
      moment('RunbeatFlowFailures', 3 * HOUR - 60),
      moment('RunbeatFlowFailures', 3 * HOUR, DAG),
      moment('RunbeatFlowFailures', 4 * HOUR + 60),
    ],
  ),
  scenario(
    'RunbeatFlowFailures fires at the first run of a new DAG when it fails, although its series starts with it',
    {
      ...runs({ fast: steps(5) }, 'old'),
      ...runs({ fast: () => null, slow: () => null, failed: steps(null, [3 * HOUR, 1]) }, 'new'),
    },
    [
      moment('RunbeatFlowFailures', 3 * HOUR - 60),
      moment('RunbeatFlowFailures', 3 * HOUR, [{ source: 'main', dag_id: 'new' }]),
      moment('RunbeatFlowFailures', 4 * HOUR + 60),
    ],
    [
      {
        at: 3 * HOUR,
        alert: 'RunbeatFlowFailures',
        labels: { source: 'main', dag_id: 'new' },
        summary: '100% of the runs of new (main) that ended in the last 1h failed',
      },
    ],
  ),
  scenario(
    'RunbeatWorkerBacklog fires when a task has waited two minutes for a worker, and ends when it has one',
    queueAge((second) => (second >= HOUR && second < 2 * HOUR ? second - HOUR : 0)),
    [
      moment('RunbeatWorkerBacklog', HOUR + 180),
      moment('RunbeatWorkerBacklog', HOUR + 240, [{ source: 'main', queue: 'default' }]),
      moment('RunbeatWorkerBacklog', 2 * HOUR - 60, [{ source: 'main', queue: 'default' }]),
      moment('RunbeatWorkerBacklog', 2 * HOUR),
    ],
    [
      {
        at: HOUR + 300,
        alert: 'RunbeatWorkerBacklog',
        labels: { source: 'main', queue: 'default' },
        summary: 'A task in the queue default of main has waited 5m 0s for a worker',
      },
    ],
  ),
];

/** A counter that starts again from zero at a moment, as after a lost index. */
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

describe.skipIf(missingBinaries('promtool'))('flow alerts, through promtool', { timeout: 120_000 }, () => {
  it.each(fires)('$name', async (it) => {
    await expect(playScenarios([it])).resolves.toBeUndefined();
  });

  it.each(quiet)('all stay silent for $name', async (it) => {
    await expect(playScenarios([it])).resolves.toBeUndefined();
  });
});
