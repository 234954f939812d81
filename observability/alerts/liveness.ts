import { METRICS } from '../../shared/metrics.ts';
import { PAGES } from '../../shared/grafana.ts';
import { duration } from '../promql/duration.ts';
import type { RecordingRule } from '../records/burn.ts';
import { RECORDS } from '../../shared/records.ts';
import type { Thresholds } from '../thresholds.ts';
import type { AlertDefinition } from './definition.ts';

const { schedulersAlive, schedulerAlive, schedulerHeartbeatAge, oldestReadyTaskAge, sourceUp } = METRICS;
const SOURCE = '{{ $labels.source }}';

/** Values of RunbeatSchedulerDown's query that mean something other than a number of live schedulers. */
const UNREACHABLE = -1;
const NO_DATA = -2;
const DISPUTED = -3;

export function livenessAlerts(thresholds: Thresholds): AlertDefinition[] {
  return [schedulerDown(thresholds), instanceDown(thresholds), schedulingStalled(thresholds)];
}

/**
 * One series for each source in every situation, so that one incident is one alert from start to end: the number of live
 * schedulers, or the reason why the number is unknown.
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
  // Right after Prometheus starts, every series seems to be missing. Without our recording rules this can't be detected.
  const isWatching = `(${seenAtStart(RECORDS.evaluated, thresholds)} or absent_over_time(${RECORDS.evaluated}[1h]))`;
  return {
    name: 'RunbeatSchedulerDown',
    group: 'liveness',
    severity: 'critical',
    query: [
      `(${disputed(thresholds)}) * 0 + ${DISPUTED}`,
      `or (${unreachableFor(thresholds, 'source')}) + ${UNREACHABLE}`,
      `or max by (source) (${alive}) > 0`,
      // A scheduler that was stopped is not alive from that moment on. Until its last heartbeat is old, this may be a restart.
      // An exporter that has just started has not seen a heartbeat change yet, which it needs to detect clocks that are
      // minutes off. And no scheduler could write a heartbeat while the database was unreachable.
      `or max by (source) (${alive}) and on (source) ${youngest} > ${thresholds.heartbeat_threshold} and ${settled}`,
      // A restart of the exporter must neither raise nor resolve the alert. Neither must a source whose first scheduler has not
      // started yet.
      `or ${best} > 0`,
      `or ${best} and max by (source) (${seenAtStart(alive, thresholds)})`,
      `or (${vanished} or absent(present_over_time(${alive}[${memory}]))) * 0 + ${NO_DATA} and on () ${isWatching}`,
    ].join('\n'),
    record: RECORDS.schedulersJudged,
    condition: { below: 1 },
    forSeconds: 0,
    keepFiringSeconds: thresholds.scheduler_down_keep,
    labels: ['source'],
    summary: 'No scheduler is alive, or the state of the schedulers is unknown',
    detail:
      `{{ if eq $value ${NO_DATA}.0 }}No data about the schedulers{{ with $labels.source }} of {{ . }}{{ end }} for ${window}: it is unknown whether one is alive` +
      `{{ else if eq $value ${UNREACHABLE}.0 }}The exporter has not been able to read the database of ${SOURCE} for ${window}: it is unknown whether a scheduler is alive` +
      `{{ else if eq $value ${DISPUTED}.0 }}Exporters of ${SOURCE} disagree: for ${window}, one has seen no live scheduler in its database while another sees one. They observe different databases under the same name, or one of them observes a replica that lags behind` +
      `{{ else }}0 schedulers of ${SOURCE} are alive{{ end }}`,
    consequence: `No scheduler of ${SOURCE} is known to be alive. Until one is, no task starts and no run progresses.`,
    panel: 'schedulersAlive',
    page: PAGES.health,
    // The query itself reports missing data. An empty result means that Prometheus has only just started.
    onNoData: 'KeepLast',
    // This alert fires without delay, so it can't wait for Prometheus to restart; RunbeatExporterDown can.
    onError: 'KeepLast',
  };
}

/**
 * The number of schedulers that were alive together long enough to be the intended number. A rolling deploy, which runs old
 * and new schedulers side by side, is over sooner. Periods with missing scrapes do not count.
 */
export function sustainedRecord({ instance_normal_after, scrape_interval }: Thresholds): RecordingRule {
  const watched = `${schedulersAlive.name}[${duration(instance_normal_after)}]`;
  const scrapes = Math.floor((0.8 * instance_normal_after) / scrape_interval);
  const expr = `max by (source) (min_over_time(${watched}) and count_over_time(${watched}) >= ${scrapes})`;
  return { record: RECORDS.schedulersSustained, expr };
}

/**
 * Fires only while fewer schedulers than normal are alive: a dead one that was replaced does not matter, although its row
 * in the database may say "running" forever.
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
    summary: 'A scheduler is dead and was not replaced',
    detail: `Scheduler {{ $labels.scheduler }} of ${SOURCE} has been dead for ${duration(thresholds.instance_down_for)} and was not replaced`,
    consequence: `The other schedulers of ${SOURCE} continue. If the last one dies, nothing is scheduled.`,
    heldBackOn: ['source'],
    panel: 'heartbeatAge',
    page: PAGES.health,
    onNoData: 'OK',
    onError: 'KeepLast',
  };
}

/** A scheduler loop that sends heartbeats without scheduling: heartbeats alone can't reveal it, waiting work does. */
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
    summary: 'Schedulers send heartbeats but schedule nothing',
    detail: `The schedulers of ${SOURCE} send heartbeats, but a task has been ready for {{ $value | humanizeDuration }} and no scheduler has scheduled it`,
    consequence: `No pause, pool or limit holds the task back. A scheduler that sends heartbeats without scheduling looks healthy everywhere else.`,
    heldBackOn: ['source'],
    panel: 'oldestReadyTask',
    page: PAGES.health,
    onNoData: 'OK',
    onError: 'KeepLast',
  };
}

/**
 * Sources in which one exporter could read its database throughout the window and saw no live scheduler, while another
 * exporter sees one. Two exporters of the same database agree within one poll, so these observe two databases under the same
 * name (mostly the default one). The live scheduler must not hide that the other database has none.
 */
function disputed({ no_data_after, scrape_interval }: Thresholds): string {
  const by = 'max by (source, job, instance)';
  const window = duration(no_data_after);
  const alive = schedulersAlive.name;
  const scrapes = Math.floor((0.8 * no_data_after) / scrape_interval);
  const blind =
    `${by} (max_over_time(${alive}[${window}])) == 0` +
    ` and ${by} (count_over_time(${alive}[${window}])) >= ${scrapes}` +
    ` and ${by} (min_over_time(${sourceUp.name}[${window}])) == 1`;
  return `max by (source) (${blind}) and on (source) max by (source) (${alive}) > 0`;
}

/** 0 for each source that no poll in the window could read. Evaluated only if the whole window was seen. */
export function unreachableFor(thresholds: Thresholds, by: string): string {
  const window = duration(thresholds.no_data_after);
  return (
    `max by (${by}) (max_over_time(${sourceUp.name}[${window}])) == 0` +
    ` and max by (${by}) (${seenAtStart(sourceUp.name, thresholds)})`
  );
}

/** Series that existed in the first quarter of the window in which data is missing. */
function seenAtStart(metric: string, { no_data_after }: Thresholds): string {
  return `present_over_time(${metric}[${duration(no_data_after / 4)}] offset ${duration((no_data_after * 3) / 4)})`;
}
