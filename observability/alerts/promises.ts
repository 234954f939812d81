import { PAGES } from '../../shared/grafana.ts';
import { METRICS } from '../../shared/metrics.ts';
import { RECORDS } from '../../shared/records.ts';
import { promiseMemory, remembered } from '../promql/remembered.ts';
import type { Thresholds } from '../thresholds.ts';
import type { AlertDefinition } from './definition.ts';

const LABELS = ['source', 'dag_id', 'promise', 'owner', 'tags'];
const WHO = '{{ $labels.promise }} to {{ $labels.dag_id }} ({{ $labels.source }})';

export function promiseAlerts(thresholds: Thresholds): AlertDefinition[] {
  return [promiseMissed(thresholds), flowLatencySlo(thresholds), ...runSlow(thresholds)];
}

/**
 * Adds the labels by which alerts are routed to a series of a DAG. The labels outlast a restart of the exporter, because an
 * alert with other labels is another alert. If two exporters disagree for a moment, one of them is used. A DAG without a
 * known owner alerts without these labels.
 */
function withOwner(vector: string, rememberedSeconds: number): string {
  const known = remembered(METRICS.dagInfo.name, rememberedSeconds);
  const info = `topk by (source, dag_id) (1, max by (source, dag_id, owner, tags) (${known}))`;
  return [
    `(${vector}) * on (source, dag_id) group_left (owner, tags) ${info}`,
    `or (${vector}) unless on (source, dag_id) ${known}`,
  ].join('\n');
}

/** An exporter that has read less of a source than another one knows of fewer successes, so the smallest value counts. */
function promiseMissed({ no_data_after }: Thresholds): AlertDefinition {
  const overdue = remembered(METRICS.promiseOverdue.name, no_data_after);
  return {
    name: 'RunbeatPromiseMissed',
    group: 'liveness',
    severity: 'warning',
    query: withOwner(`min by (source, dag_id, promise) (${overdue})`, no_data_after),
    condition: { above: 0 },
    forSeconds: 0,
    labels: LABELS,
    summary: 'A DAG did not succeed in time, which breaks a promise',
    detail: `The promise ${WHO} is overdue by {{ $value | humanizeDuration }}`,
    consequence:
      'No run has succeeded in time, so the result that people expect by now is missing. The page shows whether a run is active and when it usually ends.',
    panel: 'promiseOverdue',
    page: PAGES.promises,
    onNoData: 'OK',
    onError: 'KeepLast',
  };
}

function flowLatencySlo(thresholds: Thresholds): AlertDefinition {
  return {
    name: 'RunbeatFlowLatencySLO',
    group: 'promises',
    severity: 'warning',
    query: withOwner(RECORDS.promiseBurn, promiseMemory(thresholds)),
    condition: { above: 0 },
    forSeconds: 0,
    labels: LABELS,
    summary: 'Too many runs of a DAG break a promise',
    detail: `Too many runs break the promise ${WHO}: they use up its allowance {{ $value | humanize }} times too fast`,
    consequence: 'A promise allows a share of the runs to end or start late. The page lists the late runs.',
    heldBackOn: ['source'],
    panel: 'flowBurn',
    page: PAGES.promises,
    onNoData: 'OK',
    onError: 'KeepLast',
  };
}

/** For DAGs without a promise. Off by default, because a long run does not always matter. */
function runSlow({ run_slow_factor: factor }: Thresholds): AlertDefinition[] {
  if (factor === null) return [];
  const age = `max by (source, dag_id) (${METRICS.oldestActiveRunAge.name})`;
  const usual = `max by (source, dag_id) (${METRICS.dagUsual.name})`;
  const alert: AlertDefinition = {
    name: 'RunbeatRunSlow',
    group: 'flows',
    severity: 'warning',
    query: `(${age} / ${usual}) unless on (source, dag_id) ${METRICS.promiseShare.name}`,
    condition: { above: factor },
    forSeconds: 60,
    labels: ['source', 'dag_id'],
    summary: 'A run takes much longer than usual',
    detail: `A run of {{ $labels.dag_id }} ({{ $labels.source }}) has taken {{ $value | humanize }} times as long as 95% of its runs do`,
    consequence: 'This DAG has no promise. A run that takes much longer than usual may be stuck.',
    heldBackOn: ['source'],
    panel: 'flowFailures',
    page: PAGES.flows,
    onNoData: 'OK',
    onError: 'KeepLast',
  };
  return [alert];
}
