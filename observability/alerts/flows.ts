import { METRICS } from '../../shared/metrics.ts';
import { PAGES } from '../../shared/grafana.ts';
import { duration } from '../promql/duration.ts';
import { RECORDS } from '../../shared/records.ts';
import type { Thresholds } from '../thresholds.ts';
import type { AlertDefinition } from './definition.ts';

const { queueOldestAge, taskTransition } = METRICS;
const SOURCE = '{{ $labels.source }}';
const DAG = '{{ $labels.dag_id }}';

export function flowAlerts(thresholds: Thresholds): AlertDefinition[] {
  return [transitionLatencyHigh(thresholds), flowFailures(thresholds), workerBacklog(thresholds)];
}

function transitionLatencyHigh(thresholds: Thresholds): AlertDefinition {
  const window = duration(thresholds.transition_window);
  return {
    name: 'RunbeatTransitionLatencyHigh',
    group: 'flows',
    severity: 'warning',
    query: [
      `histogram_quantile(0.95, sum by (source, le) (rate(${taskTransition.name}_bucket[${window}])))`,
      `and on (source) sum by (source) (increase(${taskTransition.name}_count[${window}])) >= ${thresholds.transition_min_count}`,
    ].join('\n'),
    condition: { above: thresholds.transition_p95 },
    forSeconds: thresholds.transition_for,
    labels: ['source'],
    summary: 'Transitions between tasks are slower than the target',
    detail: `5% of the transitions of ${SOURCE} in the last ${window} took longer than {{ $value | humanizeDuration }}; the target is ${duration(thresholds.transition_p95)}`,
    consequence:
      'A transition lasts from the end of the last upstream task to the start of the next task. The dashboard splits it into three stages: noticed, queued and started.',
    heldBackOn: ['source'],
    panel: 'transitions',
    page: PAGES.health,
    onNoData: 'OK',
    onError: 'KeepLast',
  };
}

/** Several failures among many runs, or a DAG without a successful run, however rarely it runs. */
function flowFailures(thresholds: Thresholds): AlertDefinition {
  const { failedShare, runsFailedRecently: failed, runsFinishedRecently: finished } = RECORDS;
  return {
    name: 'RunbeatFlowFailures',
    group: 'flows',
    severity: 'warning',
    query: [
      failedShare,
      `and (${failed} > ${thresholds.failure_min_runs - 0.5} or ${finished} - ${failed} < 0.5)`,
    ].join('\n'),
    condition: { above: thresholds.failure_share },
    forSeconds: 0,
    labels: ['source', 'dag_id'],
    summary: 'Too many runs of a DAG fail',
    detail: `{{ $value | humanizePercentage }} of the runs of ${DAG} (${SOURCE}) that ended in the last ${duration(thresholds.failure_window)} failed`,
    consequence: `Each failed run is a user without a result. The page lists the failed runs and the tasks that failed.`,
    panel: 'flowFailures',
    page: PAGES.flows,
    onNoData: 'OK',
    onError: 'KeepLast',
  };
}

/** Tasks that the scheduler has queued and no worker starts: workers are missing, full or stuck. */
function workerBacklog(thresholds: Thresholds): AlertDefinition {
  return {
    name: 'RunbeatWorkerBacklog',
    group: 'flows',
    severity: 'warning',
    query: `max by (source, queue) (${queueOldestAge.name})`,
    condition: { above: thresholds.queue_age },
    forSeconds: thresholds.queue_age_for,
    labels: ['source', 'queue'],
    summary: 'Queued tasks wait too long for a worker',
    detail: `A task in the queue {{ $labels.queue }} of ${SOURCE} has waited {{ $value | humanizeDuration }} for a worker`,
    consequence: 'The scheduler has queued the task, but no worker has started it. Workers are missing, full or stuck.',
    heldBackOn: ['source'],
    panel: 'backlog',
    page: PAGES.health,
    onNoData: 'OK',
    onError: 'KeepLast',
  };
}
