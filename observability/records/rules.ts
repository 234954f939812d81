import { METRICS } from '../../shared/metrics.ts';
import { bucketLabel } from '../promql/duration.ts';
import { grown } from '../promql/grown.ts';
import type { Thresholds } from '../thresholds.ts';
import type { RecordingRule } from './burn.ts';
import { RECORDS } from '../../shared/records.ts';

const { runDuration, runsFinished, taskTransition } = METRICS;

/**
 * Records that Prometheus itself was running. Right after its start, nothing has been scraped yet and everything seems to be missing. It is
 * in the liveness group, before the alerts that use it.
 */
export function startRecords(): RecordingRule[] {
  return [{ record: RECORDS.evaluated, expr: 'vector(1)' }];
}

/**
 * Records for alerts and dashboards about flows: one series per DAG, once a minute, so that a month of 200 DAGs can be read quickly. Sums
 * are computed for each exporter, whose counters restart together. Of several exporters of one source, the highest value counts.
 */
export function flowRecords(thresholds: Thresholds): RecordingRule[] {
  return [...runRecords(), ...transitionRecords(thresholds), ...presentRecords(), ...failureRecords(thresholds)];
}

function runRecords(): RecordingRule[] {
  const runs = perDag(`${runDuration.name}_count`);
  const finished = perDag(runsFinished.name);
  return [
    { record: RECORDS.runs, expr: furthest(runs, 'dag_id') },
    { record: RECORDS.runsFinished, expr: furthest(finished, 'dag_id') },
    // Zero while no run has failed, so that the first failure is an increase, not a new series.
    {
      record: RECORDS.runsFailed,
      expr: furthest(`${perDag(`${runsFinished.name}{state="failed"}`)} or ${finished} * 0`, 'dag_id'),
    },
    { record: RECORDS.runBuckets, expr: furthest(perDag(`${runDuration.name}_bucket`, 'le'), 'dag_id', 'le') },
    { record: RECORDS.sourceRunBuckets, expr: `sum by (source, le) (rate(${RECORDS.runBuckets}[1h]))` },
    { record: RECORDS.runP95, expr: `histogram_quantile(0.95, rate(${RECORDS.runBuckets}[1h]))` },
  ];
}

function transitionRecords({ transition_p95 }: Thresholds): RecordingRule[] {
  const { name } = taskTransition;
  const all = within(`${name}_count`);
  const inTime = within(`${name}_bucket{le=~"${bucketLabel(transition_p95)}"}`);
  const stage = (part: string): string =>
    `sum by (source, stage) (rate(${METRICS.taskTransitionStage.name}_${part}[5m]))`;
  return [
    { record: RECORDS.transitions, expr: furthest(all) },
    { record: RECORDS.transitionsSlow, expr: furthest(`${all} - ${inTime}`) },
    { record: RECORDS.transitionBuckets, expr: `sum by (source, le) (rate(${name}_bucket[5m]))` },
    {
      record: RECORDS.transitionP95,
      expr: `histogram_quantile(0.95, sum by (source, dag_id, le) (rate(${name}_bucket[15m])))`,
    },
    { record: RECORDS.stageSeconds, expr: stage('sum') },
    { record: RECORDS.stageCount, expr: stage('count') },
  ];
}

/** Records of the present state, once a minute. */
function presentRecords(): RecordingRule[] {
  const { runsActive, tasksActive, oldestActiveRunAge, promiseOverdue, promiseRemaining } = METRICS;
  return [
    { record: RECORDS.runsActive, expr: furthest(perDag(runsActive.name), 'dag_id') },
    { record: RECORDS.sourceRunsActive, expr: furthest(within(runsActive.name, 'state'), 'state') },
    { record: RECORDS.oldestRunAge, expr: furthest(oldestActiveRunAge.name, 'dag_id') },
    { record: RECORDS.promiseOverdue, expr: `min by (source, dag_id, promise) (${promiseOverdue.name})` },
    { record: RECORDS.promiseRemaining, expr: furthest(promiseRemaining.name, 'dag_id', 'promise') },
    { record: RECORDS.tasksActive, expr: furthest(within(tasksActive.name, 'state'), 'state') },
  ];
}

function failureRecords({ failure_window }: Thresholds): RecordingRule[] {
  const { runsFailedRecently, runsFinishedRecently } = RECORDS;
  return [
    { record: runsFailedRecently, expr: grown(RECORDS.runsFailed, failure_window) },
    { record: runsFinishedRecently, expr: grown(RECORDS.runsFinished, failure_window) },
    { record: RECORDS.failedShare, expr: `${runsFailedRecently} / (${runsFinishedRecently} > 0)` },
  ];
}

/** Number of tasks to record for each DAG. All of them would be thousands of series that no panel shows. */
const SLOWEST = 3;

/** Tasks have by far the most series, so their records are evaluated less often. */
export function taskRecords(): RecordingRule[] {
  const by = 'by (source, dag_id, task_id)';
  const rate = (part: string): string => `sum ${by} (rate(${METRICS.taskDuration.name}_${part}[1h]))`;
  return [
    {
      record: RECORDS.slowestTasks,
      expr: `topk by (source, dag_id) (${SLOWEST}, ${rate('sum')} / (${rate('count')} > 0))`,
    },
  ];
}

function perDag(selector: string, ...labels: string[]): string {
  return within(selector, 'dag_id', ...labels);
}

function within(selector: string, ...labels: string[]): string {
  return `sum by (${['source', ...labels, 'job', 'instance'].join(', ')}) (${selector})`;
}

function furthest(vector: string, ...labels: string[]): string {
  return `max by (${['source', ...labels].join(', ')}) (${vector})`;
}
