import { METRICS } from '../../shared/metrics.ts';
import { bucketLabel, duration } from '../promql/duration.ts';
import type { Thresholds } from '../thresholds.ts';
import { burnRules, type RecordingRule } from './burn.ts';
import { RECORDS } from './names.ts';

const { runDuration, runsFinished, taskTransition } = METRICS;

/**
 * Tells the first moments of Prometheus itself, in which nothing has been scraped yet and everything seems to be gone.
 * Stands in the liveness group, before the alerts that ask for it.
 */
export function startRecords({ no_data_after }: Thresholds): RecordingRule[] {
  const start = `${RECORDS.evaluated}[${duration(no_data_after / 4)}] offset ${duration((no_data_after * 3) / 4)}`;
  return [
    { record: RECORDS.evaluated, expr: 'vector(1)' },
    { record: RECORDS.warmingUp, expr: `absent_over_time(${start})` },
  ];
}

/**
 * Flow counters, one series a DAG, so that a month of 200 DAGs is read in a moment. The sum is taken within an exporter,
 * whose counters restart together; of several exporters of one source the furthest counts.
 */
export function flowRecords(thresholds: Thresholds): RecordingRule[] {
  const runs = perDag(`${runDuration.name}_count`);
  const finished = perDag(runsFinished.name);
  const inTime = perDag(`${runDuration.name}_bucket{le=~"${bucketLabel(thresholds.flow_duration)}"}`);
  return [
    { record: RECORDS.runs, expr: furthest(runs) },
    { record: RECORDS.runsSlow, expr: furthest(`${runs} - ${inTime}`) },
    { record: RECORDS.runsFinished, expr: furthest(finished) },
    // Zero as long as none failed: the first failure is then a rise, and not the birth of a series.
    {
      record: RECORDS.runsFailed,
      expr: furthest(`${perDag(`${runsFinished.name}{state="failed"}`)} or ${finished} * 0`),
    },
    { record: RECORDS.runBuckets, expr: furthest(perDag(`${runDuration.name}_bucket`, 'le'), 'le') },
    { record: RECORDS.sourceRunBuckets, expr: `sum by (source, le) (rate(${RECORDS.runBuckets}[1h]))` },
    { record: RECORDS.runP95, expr: `histogram_quantile(0.95, rate(${RECORDS.runBuckets}[1h]))` },
    {
      record: RECORDS.transitionBuckets,
      expr: `sum by (source, le) (rate(${taskTransition.name}_bucket[5m]))`,
    },
    {
      record: RECORDS.transitionP95,
      expr: `histogram_quantile(0.95, sum by (source, dag_id, le) (rate(${taskTransition.name}_bucket[15m])))`,
    },
    ...burnRules(thresholds),
  ];
}

function perDag(selector: string, ...labels: string[]): string {
  return `sum by (${['source', 'dag_id', ...labels, 'job', 'instance'].join(', ')}) (${selector})`;
}

function furthest(vector: string, ...labels: string[]): string {
  return `max by (${['source', 'dag_id', ...labels].join(', ')}) (${vector})`;
}
