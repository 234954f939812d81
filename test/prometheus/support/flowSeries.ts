import type { Labels, Sample, Scenario, Series } from './promtool.ts';

export const HOUR = 3_600;
export const AT = 'job="runbeat", instance="e:1"';
export const DAG = [{ source: 'main', dag_id: 'onboarding' }];
export const MAIN = [{ source: 'main' }];
export const ALL = [
  'RunbeatTransitionLatencyHigh',
  'RunbeatFlowLatencySLO',
  'RunbeatFlowFailures',
  'RunbeatWorkerBacklog',
];
export const sourceUp: Series = { [`runbeat_source_up{source="main", ${AT}}`]: () => 1 };

export type Counter = (second: number) => Sample;

/** Finished runs of a DAG, as series of the exporter's counters and histogram. Counts are totals at a second. */
export function runs(counts: { fast?: Counter; slow?: Counter; failed?: Counter }, dag = 'onboarding'): Series {
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

export const PROMISE = [{ source: 'main', dag_id: 'onboarding', promise: 'decision', owner: 'risk', tags: 'a,b' }];

/** Verdicts on a promise of 95% for a DAG that runs every `period` seconds. */
export function promised(counts: { fast?: Counter; slow?: Counter }, period = 60, share = 0.95): Series {
  const { fast = () => 0, slow = () => 0 } = counts;
  const promise = `{source="main", dag_id="onboarding", promise="decision", ${AT}}`;
  const verdict = (kept: string): string => `runbeat_promise_runs_total${promise.replace('{', `{verdict="${kept}", `)}`;
  return {
    [verdict('kept')]: fast,
    [verdict('broken')]: slow,
    [`runbeat_promise_share${promise}`]: () => share,
    [`runbeat_promise_period_seconds${promise}`]: () => period,
    [`runbeat_dag_info{source="main", dag_id="onboarding", owner="risk", tags="a,b", ${AT}}`]: () => 1,
  };
}

/** Transitions: all within a second, or all of about 4 s. */
export function transitions(counts: { fast?: Counter; slow?: Counter }, dag = 'onboarding'): Series {
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

export const queueAge = (at: Counter): Series => ({
  [`runbeat_queue_oldest_task_age_seconds{source="main", queue="default", ${AT}}`]: at,
});

/** Total of a counter that gains `perMinute` in each of the given intervals of seconds. */
export function gains(perMinute: number, ...intervals: [from: number, to: number][]): (second: number) => number {
  return (second) =>
    intervals.reduce(
      (sum, [from, to]) => sum + perMinute * Math.floor(Math.max(0, Math.min(second, to) - from) / 60),
      0,
    );
}

export function scenario(name: string, series: Series, firing: Scenario['firing'], told?: Scenario['told']): Scenario {
  const seconds = Math.max(...[...firing, ...(told ?? [])].map(({ at }) => at)) + 60;
  return { name, rules: 'flows', seconds, series: { ...sourceUp, ...series }, firing, told };
}

export function silent(name: string, series: Series, hours = 4): Scenario {
  const moments = Array.from({ length: hours * 30 }, (_, index) => (index + 1) * 120);
  return scenario(
    name,
    series,
    moments.flatMap((at) => ALL.map((alert) => ({ at, alert, labels: [] }))),
  );
}

export const moment = (alert: string, at: number, labels: Labels[] = []) => ({ at, alert, labels });
