import type { Scenario, Series } from './promtool.ts';

export const MINUTE = 60;
export const ALIVE = 'runbeat_schedulers_alive{source="main", job="runbeat", instance="e:1"}';
export const SOURCE_UP = 'runbeat_source_up{source="main", job="runbeat", instance="e:1"}';
export const READY = 'runbeat_oldest_ready_task_age_seconds{source="main", job="runbeat", instance="e:1"}';
export const LAG = 'runbeat_source_lag_seconds{source="main", job="runbeat", instance="e:1"}';
export const UP = 'up{job="runbeat", instance="e:1"}';
export const one = (name: string): string =>
  `runbeat_scheduler_alive{source="main", scheduler="${name}", job="runbeat", instance="e:1"}`;
export const AGE =
  'runbeat_scheduler_heartbeat_age_seconds{source="main", scheduler="a", job="runbeat", instance="e:1"}';
export const MAIN = [{ source: 'main' }];
export const ALL = [
  'RunbeatSchedulerDown',
  'RunbeatSchedulerInstanceDown',
  'RunbeatSchedulingStalled',
  'RunbeatExporterDown',
  'RunbeatSourceUnreachable',
  'RunbeatExporterLagging',
];

/** Series of a healthy exporter and a healthy source. Scenarios replace what they change. */
export const healthy: Series = {
  [UP]: () => 1,
  [SOURCE_UP]: () => 1,
  [ALIVE]: () => 1,
  [AGE]: () => 2,
  [READY]: () => 0,
  [LAG]: () => 1,
};

/** All series of an exporter, stale between two times, as a failed scrape marks them. */
export function exporterGone(from: number, to: number, series: Series = healthy): Series {
  return Object.fromEntries(
    Object.entries(series).map(([name, at]) => {
      const gone = name === UP ? 0 : 'stale';
      return [name, (second: number) => (second >= from && second < to ? gone : at(second))];
    }),
  );
}

/** Age of the newest heartbeat if the last scheduler is detected as dead at `from`, until one is alive again. */
export function dead(from: number, to = Infinity): (second: number) => number {
  return (second) => (second >= from && second < to ? 31 + second - from : 2);
}

export function silent(name: string, series: Series, seconds = 30 * MINUTE, alerts = ALL): Scenario {
  const moments = Array.from({ length: seconds / 15 }, (_, index) => (index + 1) * 15);
  const firing = moments.flatMap((at) => alerts.map((alert) => ({ at, alert, labels: [] })));
  return { name, rules: 'liveness', seconds, series, firing };
}

export function scenario(name: string, series: Series, firing: Scenario['firing'], told?: Scenario['told']): Scenario {
  const seconds = Math.max(...[...firing, ...(told ?? [])].map(({ at }) => at)) + 10;
  return { name, rules: 'liveness', seconds, series, firing, told };
}
