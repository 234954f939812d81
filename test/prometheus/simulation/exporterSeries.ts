import type { Sample, Series } from '../support/promtool.ts';
import { isWithin, judged, THRESHOLD_SECONDS, type Interval, type Process } from './heartbeats.ts';
import { schedulerLabel, type World } from './world.ts';

type At = (second: number) => Sample;

const EXPORTER = 'job="runbeat", instance="e:1"';
const SOURCE = `source="main", ${EXPORTER}`;
/** For this time, the exporter keeps reporting the last state that it has read. */
const FRESH_SECONDS = THRESHOLD_SECONDS;
/** A scheduler that is back has processed all waiting work after this time. */
const CATCH_UP_SECONDS = 10;

/** What Prometheus scrapes from the exporter, from the exporter's own verdicts on the heartbeats. */
export function exporterSeries(world: World): Series {
  const { exporterGone, databaseGone, lagging, random } = world;
  const judgementAt = judged(
    world.processes,
    {
      seconds: world.seconds,
      stampedByDatabase: random() < 0.5,
      databaseGone,
      exporterStarts: exporterGone.filter(([from, to]) => to - from > 5).map(([, to]) => to),
    },
    random,
  );
  const scraped =
    (value: At): At =>
    (second) =>
      isWithin(exporterGone, second) ? 'stale' : value(second);
  // A restarted exporter has no earlier state, so the series are missing until its first poll.
  const known =
    (value: At): At =>
    (second) => {
      const { at } = judgementAt(second);
      const restarted = exporterGone.some(([from, to]) => to <= second && from > at && to - from > 5);
      return second - at < FRESH_SECONDS && !restarted ? value(second) : 'stale';
    };
  const since = (intervals: readonly Interval[], second: number, otherwise: number): number => {
    const interval = intervals.find(([from, to]) => second >= from && second < to);
    return interval ? second - interval[0] : otherwise;
  };
  const readyAge = waitingWork(world);
  const gauge = (name: string, value: At): [string, At] => [`${name}{${SOURCE}}`, once(scraped(value))];
  return Object.fromEntries([
    [`up{${EXPORTER}}`, (second: number) => (isWithin(exporterGone, second) ? 0 : 1)],
    gauge('runbeat_source_up', (second) => (isWithin(databaseGone, second) ? 0 : 1)),
    gauge('runbeat_source_lag_seconds', (second) => since([...databaseGone, ...lagging], second, 2)),
    gauge('runbeat_oldest_ready_task_age_seconds', known(readyAge)),
    gauge(
      'runbeat_schedulers_alive',
      known((second) => judgementAt(second).lives.filter(({ alive }) => alive).length),
    ),
    ...world.processes.flatMap((process) => schedulerSeries(process)),
  ]);

  function schedulerSeries(process: Process): [string, At][] {
    const lifeAt = (second: number) => judgementAt(second).lives.find(({ job_id }) => job_id === process.id);
    const labels = `{scheduler="${schedulerLabel(process)}", ${SOURCE}}`;
    const age = known((second) => {
      const life = lifeAt(second);
      return life ? Math.round(life.age_us / 1e6 + second - judgementAt(second).at) : 'stale';
    });
    const alive = known((second) => {
      const life = lifeAt(second);
      return life ? Number(life.alive) : 'stale';
    });
    return [
      [`runbeat_scheduler_heartbeat_age_seconds${labels}`, once(scraped(age))],
      [`runbeat_scheduler_alive${labels}`, once(scraped(alive))],
    ];
  }
}

/** Prometheus marks a vanished series as stale once, and then has no samples of it. */
function once(value: At): At {
  let last: Sample = null;
  return (second) => {
    const sample = value(second);
    const shown = sample === 'stale' && (last === 'stale' || last === null) ? null : sample;
    last = sample;
    return shown;
  };
}

/** Age of the oldest ready task, which rises while no scheduler schedules, with or without heartbeats. */
function waitingWork(world: World): At {
  const ages: number[] = [];
  let worked = 0;
  for (let second = 0; second <= world.seconds; second += 1) {
    const someone = world.processes.some(
      ({ start, end, stops }) =>
        second >= start + CATCH_UP_SECONDS && second < end && !isWithin(withCatchUp(stops), second),
    );
    if (someone && !isWithin(world.stalled, second)) worked = second;
    const burst = world.bursts.find(([from, to]) => second >= from && second < to);
    ages.push(Math.max(second - worked, burst ? second - burst[0] : second % 4));
  }
  return (second) => ages[second]!;
}

function withCatchUp(stops: readonly Interval[]): Interval[] {
  return stops.map(([from, to]) => [from, to + CATCH_UP_SECONDS]);
}
