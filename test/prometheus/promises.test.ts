import { describe, expect, it } from 'vitest';
import { ALIVE, AGE, dead, healthy, READY, SOURCE_UP, UP } from './support/liveness.ts';
import {
  away,
  playScenarios,
  steps,
  type Labels,
  type Sample,
  type Scenario,
  type Series,
} from './support/promtool.ts';

const HOUR = 3_600;
const AT = 'job="runbeat", instance="e:1"';
const OTHER = 'job="runbeat", instance="e:2"';
const MISSED = 'RunbeatPromiseMissed';
const SLOW = 'RunbeatRunSlow';
const PROMISE = { source: 'main', dag_id: 'report', promise: 'morning' };
const ROUTED = { ...PROMISE, owner: 'risk', tags: 'a,b' };

type At = (second: number) => Sample;

const overdueSeries = (exporter: string): string =>
  `runbeat_promise_overdue_seconds{source="main", dag_id="report", promise="morning", ${exporter}}`;
const INFO = `runbeat_dag_info{source="main", dag_id="report", owner="risk", tags="a,b", ${AT}}`;

/** For how long a promise that is broken at `from` has been broken, until its DAG succeeds. */
function overdue(from: number, to = Infinity): At {
  return (second) => (second > from && second < to ? second - from : 0);
}

function missed(at: At, info: At = () => 1): Series {
  return { ...healthy, [overdueSeries(AT)]: at, [INFO]: info };
}

const moment = (alert: string, at: number, labels: Labels[] = []) => ({ at, alert, labels });

/** Expects no alert at any evaluation of an interval. */
function silentFor(alert: string, from: number, to: number, step: number): Scenario['firing'] {
  const count = Math.floor((to - from) / step) + 1;
  return Array.from({ length: count }, (_, index) => moment(alert, from + index * step));
}

function liveness(name: string, series: Series, firing: Scenario['firing'], told?: Scenario['told']): Scenario {
  const seconds = Math.max(...[...firing, ...(told ?? [])].map(({ at }) => at)) + 10;
  return { name, rules: 'liveness', seconds, series, firing, told };
}

const missedScenarios: Scenario[] = [
  liveness(
    'fires at the first evaluation after the deadline, with owner and tags, and ends with the success',
    missed(overdue(600, 1_200)),
    [
      moment(MISSED, 600),
      moment(MISSED, 605, [ROUTED]),
      moment(MISSED, 1_195, [ROUTED]),
      moment(MISSED, 1_260),
      moment(MISSED, 1_800),
    ],
    [
      {
        at: 720,
        alert: MISSED,
        labels: ROUTED,
        detail: 'The promise morning to report (main) is overdue by 2m 0s',
      },
    ],
  ),
  liveness(
    'stays silent for a promise that is kept in the last second',
    missed(() => 0),
    silentFor(MISSED, 5, 1_800, 5),
  ),
  liveness(
    'fires together with the alert of the scheduler if every scheduler has been dead for hours',
    { ...missed(overdue(2 * HOUR)), [ALIVE]: steps(1, [600, 0]), [AGE]: dead(600), [READY]: overdue(600) },
    [
      moment(MISSED, 2 * HOUR),
      moment('RunbeatSchedulerDown', 2 * HOUR, [{ source: 'main' }]),
      moment(MISSED, 2 * HOUR + 5, [ROUTED]),
      moment(MISSED, 3 * HOUR, [ROUTED]),
    ],
  ),
  liveness(
    'fires if there has never been a live scheduler',
    { ...missed(overdue(600)), [ALIVE]: () => 0, [AGE]: (second) => 10_000 + second },
    [moment(MISSED, 600), moment(MISSED, 605, [ROUTED])],
  ),
  liveness(
    'fires while the database is down, from what the exporter knew before',
    { ...missed(overdue(900)), [SOURCE_UP]: steps(1, [300, 0]), [ALIVE]: steps(1, [330, 'stale']) },
    [moment(MISSED, 900), moment(MISSED, 905, [ROUTED])],
  ),
  liveness(
    'continues over a restart of the exporter with the same labels, so that nobody is notified twice',
    {
      ...missed(
        away(overdue(600), 900, 930),
        away(() => 1, 900, 930),
      ),
      [UP]: (second) => (second >= 900 && second < 930 ? 0 : 1),
    },
    // Without the labels for routing it would be another alert, which notifies others.
    Array.from({ length: 100 }, (_, index) => moment(MISSED, 605 + index * 5, [ROUTED])),
  ),
  liveness(
    'stays silent while one of two exporters has not yet read the success',
    { ...missed(overdue(600)), [overdueSeries(OTHER)]: () => 0 },
    silentFor(MISSED, 5, 1_800, 5),
  ),
  liveness(
    'fires without owner and tags for a DAG without further series',
    { ...healthy, [overdueSeries(AT)]: overdue(600) },
    [moment(MISSED, 600), moment(MISSED, 605, [PROMISE])],
    [{ at: 720, alert: MISSED, labels: PROMISE, detail: 'The promise morning to report (main) is overdue by 2m 0s' }],
  ),
];

const USUAL = `runbeat_dag_usual_duration_seconds{source="main", dag_id="report", ${AT}}`;
const OLDEST = `runbeat_oldest_active_run_age_seconds{source="main", dag_id="report", ${AT}}`;
const SHARE = `runbeat_promise_share{source="main", dag_id="report", promise="morning", ${AT}}`;
const REPORT = [{ source: 'main', dag_id: 'report' }];
const usual: Series = { [SOURCE_UP]: () => 1, [USUAL]: () => 600 };

/** `RunbeatRunSlow` if it is enabled, at three times the usual p95 of ten minutes. */
function slow(name: string, series: Series, firing: Scenario['firing'], told?: Scenario['told']): Scenario {
  const seconds = Math.max(...firing.map(({ at }) => at)) + 60;
  const thresholds = { run_slow_factor: 3 };
  return { name, rules: 'flows', thresholds, seconds, series: { ...usual, ...series }, firing, told };
}

const slowScenarios: Scenario[] = [
  slow(
    'fires when a run has taken three times its usual time for a minute, and ends with the run',
    { [OLDEST]: (second) => (second < HOUR ? second : 0) },
    [
      moment(SLOW, 1_800),
      moment(SLOW, 1_860),
      moment(SLOW, 1_980, REPORT),
      moment(SLOW, HOUR - 60, REPORT),
      moment(SLOW, HOUR),
    ],
    [
      {
        at: 2_400,
        alert: SLOW,
        labels: REPORT[0]!,
        detail: 'A run of report (main) has taken 4 times as long as 95% of its runs do',
      },
    ],
  ),
  slow(
    'stays silent for a run that takes slightly less than that',
    { [OLDEST]: (second) => second % 1_800 },
    silentFor(SLOW, 60, 4 * HOUR, 60),
  ),
  slow(
    'stays silent for a DAG with a promise, which has its own alert',
    { [OLDEST]: (second) => second, [SHARE]: () => 0.95 },
    silentFor(SLOW, 60, 2 * HOUR, 60),
  ),
  slow(
    'stays silent for a DAG without a usual duration',
    { [USUAL]: () => null, [OLDEST]: (second) => second },
    silentFor(SLOW, 60, 2 * HOUR, 60),
  ),
  slow(
    'fires for runs that a dead scheduler has left active',
    { [ALIVE]: steps(1, [300, 0]), [OLDEST]: (second) => second },
    [moment(SLOW, 1_800), moment(SLOW, 1_980, REPORT)],
  ),
  {
    ...slow('is off unless it is asked for', { [OLDEST]: (second) => second }, silentFor(SLOW, 60, 4 * HOUR, 60)),
    thresholds: {},
  },
];

describe('RunbeatPromiseMissed, through promtool', { timeout: 600_000 }, () => {
  it.each(missedScenarios)('$name', async (it) => {
    await expect(playScenarios([it])).resolves.toBeUndefined();
  });
});

describe('RunbeatRunSlow, through promtool', { timeout: 600_000 }, () => {
  it.each(slowScenarios)('$name', async (it) => {
    await expect(playScenarios([it])).resolves.toBeUndefined();
  });
});
