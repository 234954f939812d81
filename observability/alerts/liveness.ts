import { METRICS } from '../../shared/metrics.ts';
import { PAGES } from '../../shared/grafana.ts';
import { duration } from '../promql/duration.ts';
import type { RecordingRule } from '../records/burn.ts';
import { RECORDS } from '../../shared/records.ts';
import type { Thresholds } from '../thresholds.ts';
import type { AlertDefinition } from './definition.ts';

const { schedulersAlive, schedulerAlive, schedulerHeartbeatAge, oldestReadyTaskAge, sourceUp } = METRICS;
const SOURCE = '{{ $labels.source }}';
const HEALTH_PAGE = `${PAGES.health}?source={{ $labels.source | urlquery }}`;

/** What RunbeatSchedulerDown's query answers instead of a number of live schedulers. */
export const UNREACHABLE = -1;
export const NO_DATA = -2;

export function livenessAlerts(thresholds: Thresholds): AlertDefinition[] {
  return [schedulerDown(thresholds), instanceDown(thresholds), schedulingStalled(thresholds)];
}

/**
 * One series a source whatever happens to it, so that one incident is one alert from its first minute to its last:
 * the number of live schedulers, or why nobody knows it.
 */
function schedulerDown(thresholds: Thresholds): AlertDefinition {
  const alive = schedulersAlive.name;
  const window = duration(thresholds.no_data_after);
  const memory = duration(thresholds.source_memory);
  const youngest = `min by (source) (${schedulerHeartbeatAge.name})`;
  const best = `max by (source) (max_over_time(${alive}[${window}]))`;
  const quarter = thresholds.no_data_after / 4;
  const scrapes = Math.floor(quarter / thresholds.scrape_interval);
  const readable = `${sourceUp.name}[${duration(quarter)}]`;
  const settled =
    `max by (source) (min_over_time(${readable})) == 1` +
    ` and max by (source) (count_over_time(${readable})) >= ${scrapes}`;
  const vanished = `max by (source) (present_over_time(${alive}[${memory}])) unless ${best}`;
  // In Prometheus's first moments everything seems to be gone. Where our records are not loaded, that can't be told.
  const isWatching = `(${seenAtStart(RECORDS.evaluated, thresholds)} or absent_over_time(${RECORDS.evaluated}[1h]))`;
  return {
    name: 'RunbeatSchedulerDown',
    group: 'liveness',
    severity: 'critical',
    query: [
      `(${unreachableFor(thresholds, 'source')}) + ${UNREACHABLE}`,
      `or max by (source) (${alive}) > 0`,
      // One that took leave is not alive at once; until its last heartbeat is old, it may be a restart. And an exporter
      // that has just started has seen no heartbeat move yet, which is how it knows clocks that are minutes off; nor could
      // a scheduler write one into a database that was away until now.
      `or max by (source) (${alive}) and on (source) ${youngest} > ${thresholds.heartbeat_threshold} and ${settled}`,
      // A restart of the exporter must neither raise nor end the alert, nor must a first scheduler that is yet to start.
      `or ${best} > 0`,
      `or ${best} and max by (source) (${seenAtStart(alive, thresholds)})`,
      `or (${vanished} or absent(present_over_time(${alive}[${memory}]))) * 0 + ${NO_DATA} and on () ${isWatching}`,
    ].join('\n'),
    record: RECORDS.schedulersJudged,
    condition: { below: 1 },
    forSeconds: 0,
    keepFiringSeconds: thresholds.scheduler_down_keep,
    labels: ['source'],
    summary:
      `{{ if eq $value ${NO_DATA}.0 }}No data about the schedulers{{ with $labels.source }} of {{ . }}{{ end }} for ${window}: nobody knows whether one is alive` +
      `{{ else if eq $value ${UNREACHABLE}.0 }}The database of ${SOURCE} has been out of the exporter's reach for ${window}: nobody knows whether a scheduler is alive` +
      `{{ else }}0 schedulers of ${SOURCE} are alive{{ end }}`,
    description: `No scheduler of ${SOURCE} is known to be alive: no task is started and no run moves until one is.`,
    panel: 'schedulersAlive',
    page: HEALTH_PAGE,
    // The query tells of missing data by itself. Nothing at all is a Prometheus that has only just started.
    onNoData: 'KeepLast',
    // It rings at once, and so can't wait whether Prometheus is only being restarted; RunbeatExporterDown can.
    onError: 'KeepLast',
  };
}

/**
 * How many schedulers have lived together without a break for long enough to be what their operators mean to have. A deploy
 * that starts the new beside the old is over sooner, and a time that was not watched in full counts for nothing.
 */
export function sustainedRecord({ instance_normal_after, scrape_interval }: Thresholds): RecordingRule {
  const watched = `${schedulersAlive.name}[${duration(instance_normal_after)}]`;
  const scrapes = Math.floor((0.8 * instance_normal_after) / scrape_interval);
  const expr = `max by (source) (min_over_time(${watched}) and count_over_time(${watched}) >= ${scrapes})`;
  return { record: RECORDS.schedulersSustained, expr };
}

/**
 * Told only while fewer schedulers live than normally do: a dead one that was replaced is history, although its row in
 * the database may say "running" for ever.
 */
function instanceDown(thresholds: Thresholds): AlertDefinition {
  const alive = `max by (source) (${schedulersAlive.name})`;
  const normal = `max_over_time(${RECORDS.schedulersSustained}[${duration(thresholds.instance_memory)}])`;
  return {
    name: 'RunbeatSchedulerInstanceDown',
    group: 'liveness',
    severity: 'warning',
    query: [
      `max by (source, scheduler) (${schedulerAlive.name})`,
      `and on (source) ${alive} > 0`,
      `and on (source) ${alive} < ${normal}`,
    ].join('\n'),
    condition: { below: 1 },
    forSeconds: thresholds.instance_down_for,
    labels: ['source', 'scheduler'],
    summary: `Scheduler {{ $labels.scheduler }} of ${SOURCE} has been dead for ${duration(thresholds.instance_down_for)} and was not replaced`,
    description: `The other schedulers of ${SOURCE} carry on. When the last of them goes, nothing is scheduled any more.`,
    heldBackOn: ['source'],
    panel: 'heartbeatAge',
    page: HEALTH_PAGE,
    onNoData: 'OK',
    onError: 'KeepLast',
  };
}

/** A loop that beats without scheduling: heartbeats alone can't show it, work that waits does. */
function schedulingStalled(thresholds: Thresholds): AlertDefinition {
  return {
    name: 'RunbeatSchedulingStalled',
    group: 'liveness',
    severity: 'critical',
    query: [
      `max by (source) (${oldestReadyTaskAge.name})`,
      `and on (source) max by (source) (${schedulersAlive.name}) > 0`,
    ].join('\n'),
    condition: { above: thresholds.ready_task_age },
    forSeconds: thresholds.ready_task_for,
    labels: ['source'],
    summary: `The schedulers of ${SOURCE} send heartbeats, but a task has been ready for {{ $value | humanizeDuration }} and nobody schedules it`,
    description: `The task is held back by no pause, pool or limit. A scheduler that beats without scheduling looks healthy everywhere else.`,
    heldBackOn: ['source'],
    panel: 'oldestReadyTask',
    page: HEALTH_PAGE,
    onNoData: 'OK',
    onError: 'KeepLast',
  };
}

/** 0 for each source that could not be read at any poll of the window, judged once the window has been seen in full. */
export function unreachableFor(thresholds: Thresholds, by: string): string {
  const window = duration(thresholds.no_data_after);
  return (
    `max by (${by}) (max_over_time(${sourceUp.name}[${window}])) == 0` +
    ` and max by (${by}) (${seenAtStart(sourceUp.name, thresholds)})`
  );
}

/** What was there in the first quarter of the window that missing data is judged by. */
function seenAtStart(metric: string, { no_data_after }: Thresholds): string {
  return `present_over_time(${metric}[${duration(no_data_after / 4)}] offset ${duration((no_data_after * 3) / 4)})`;
}
