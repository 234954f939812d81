import { describe, expect, it } from 'vitest';
import { allAway, playScenarios, steps, type Scenario } from './support/promtool.ts';
import {
  HOUR,
  DAG,
  MAIN,
  runs,
  PROMISE,
  promised,
  transitions,
  queueAge,
  gains,
  scenario,
  moment,
} from './support/flowSeries.ts';

const fires: Scenario[] = [
  scenario(
    'RunbeatTransitionLatencyHigh fires five minutes after p95 has passed 3 s, and ends when the window is clean',
    transitions({ fast: gains(20, [0, HOUR], [2 * HOUR, 4 * HOUR]), slow: gains(20, [HOUR, 2 * HOUR]) }),
    [
      // A minute of slow runs is 1/15 of the window, which is above its 5%.
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
        detail: '5% of the transitions of main in the last 15m took longer than 4.9s; the target is 3s',
      },
    ],
  ),
  scenario(
    'RunbeatFlowLatencySLO fires within the hour when all runs are slow, and ends soon after they are fast again',
    promised({ fast: gains(1, [0, 8 * HOUR], [10 * HOUR, 20 * HOUR]), slow: gains(1, [8 * HOUR, 10 * HOUR]) }),
    [
      // A twentieth of the 8 h 25 min that this Prometheus has. From then on, the slowest pair burns too fast.
      moment('RunbeatFlowLatencySLO', 8 * HOUR + 1_440),
      moment('RunbeatFlowLatencySLO', 8 * HOUR + 1_680, PROMISE),
      moment('RunbeatFlowLatencySLO', 9 * HOUR, PROMISE),
      moment('RunbeatFlowLatencySLO', 10 * HOUR, PROMISE),
      // The 30-minute window is clean first. The rest of the month's allowance concerns the slow pair.
      moment('RunbeatFlowLatencySLO', 17 * HOUR),
    ],
  ),
  scenario(
    'RunbeatFlowLatencySLO fires three quarters of an hour into an outage of a DAG that was fast for days, and ends with it',
    promised({ fast: gains(1, [0, 72 * HOUR], [73 * HOUR, 76 * HOUR]), slow: gains(1, [72 * HOUR, 73 * HOUR]) }),
    [
      // 14.4 times 5% of an hour are 43 minutes.
      moment('RunbeatFlowLatencySLO', 72 * HOUR + 42 * 60),
      moment('RunbeatFlowLatencySLO', 72 * HOUR + 45 * 60, PROMISE),
      // It ends after five clean minutes.
      moment('RunbeatFlowLatencySLO', 73 * HOUR, PROMISE),
      moment('RunbeatFlowLatencySLO', 73 * HOUR + 7 * 60),
    ],
  ),
  scenario(
    'RunbeatFlowLatencySLO tells of a tenth of the runs being slow all day',
    promised({ fast: gains(9, [0, 24 * HOUR]), slow: gains(1, [6 * HOUR, 24 * HOUR]) }),
    [moment('RunbeatFlowLatencySLO', 6 * HOUR), moment('RunbeatFlowLatencySLO', 24 * HOUR, PROMISE)],
  ),
  scenario(
    'RunbeatFlowLatencySLO tells the second late run of thirty nights, for as long as it is one of the last two',
    promised({ fast: gains(1 / 24 / 60, [0, 0]), slow: steps(0, [10 * HOUR, 1], [34 * HOUR, 2]) }, 24 * HOUR),
    [
      moment('RunbeatFlowLatencySLO', 9 * HOUR),
      moment('RunbeatFlowLatencySLO', 34 * HOUR + 120, PROMISE),
      moment('RunbeatFlowLatencySLO', 34 * HOUR + 49 * HOUR),
    ],
    [
      {
        at: 35 * HOUR,
        alert: 'RunbeatFlowLatencySLO',
        labels: PROMISE[0]!,
        detail:
          'Too many runs break the promise decision to onboarding (main): they use up its allowance 20 times too fast',
      },
    ],
  ),
  scenario(
    'RunbeatFlowLatencySLO goes on through a restart of the exporter under the same labels',
    allAway(promised({ fast: gains(1, [0, HOUR]), slow: gains(1, [HOUR, 5 * HOUR]) }), 3 * HOUR, 3 * HOUR + 60),
    Array.from({ length: 30 }, (_, minute) => moment('RunbeatFlowLatencySLO', 2.8 * HOUR + 60 * minute, PROMISE)),
  ),
  scenario(
    'RunbeatFlowLatencySLO goes on at once after the exporter was down for longer than an hour',
    allAway(
      promised({ fast: gains(1, [0, 2 * HOUR]), slow: gains(1, [2 * HOUR, 3 * HOUR], [4.5 * HOUR, 6 * HOUR]) }),
      3 * HOUR,
      4.5 * HOUR,
    ),
    [
      moment('RunbeatFlowLatencySLO', 3 * HOUR, PROMISE),
      moment('RunbeatFlowLatencySLO', 4 * HOUR),
      moment('RunbeatFlowLatencySLO', 4.5 * HOUR + 120, PROMISE),
    ],
  ),
  scenario(
    'RunbeatFlowLatencySLO tells of a promise of half of the runs, which can burn only twice too fast',
    promised({ fast: gains(1, [0, 24 * HOUR]), slow: gains(9, [24 * HOUR, 26 * HOUR]) }, 6, 0.5),
    [moment('RunbeatFlowLatencySLO', 24 * HOUR), moment('RunbeatFlowLatencySLO', 26 * HOUR, PROMISE)],
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
        detail: '100% of the runs of new (main) that ended in the last 1h failed',
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
        detail: 'A task in the queue default of main has waited 5m 0s for a worker',
      },
    ],
  ),
];

describe('flow alerts, through promtool', { timeout: 600_000 }, () => {
  it.each(fires)('$name', async (it) => {
    await expect(playScenarios([it])).resolves.toBeUndefined();
  });
});
