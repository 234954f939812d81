import { METRICS } from '../../shared/metrics.ts';
import { PAGES } from '../../shared/grafana.ts';
import { duration } from '../promql/duration.ts';
import { burnRecord } from '../records/burn.ts';
import { RECORDS } from '../../shared/records.ts';
import type { Thresholds } from '../thresholds.ts';
import type { AlertDefinition } from './definition.ts';

const { queueOldestAge, taskTransition } = METRICS;
const SOURCE = '{{ $labels.source }}';
const DAG = '{{ $labels.dag_id }}';
const SOURCE_PAGE = `${PAGES.health}?source={{ $labels.source | urlquery }}`;
const DAG_PAGE = `${PAGES.flows}?source={{ $labels.source | urlquery }}&dag_id={{ $labels.dag_id | urlquery }}`;

export function flowAlerts(thresholds: Thresholds): AlertDefinition[] {
  return [
    transitionLatencyHigh(thresholds),
    flowLatencySlo(thresholds),
    flowFailures(thresholds),
    workerBacklog(thresholds),
  ];
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
    summary: `5% of the transitions of ${SOURCE} in the last ${window} took longer than {{ $value | humanizeDuration }}; promised are ${duration(thresholds.transition_p95)}`,
    description:
      'A transition runs from the end of the last upstream to the start of the next task. The dashboard splits it into noticed, queued and started.',
    heldBackOn: ['source'],
    panel: 'transitions',
    page: SOURCE_PAGE,
    onNoData: 'OK',
    onError: 'KeepLast',
  };
}

/** Multi-window, multi-burn-rate: a long window shows that it matters, a short one that it still goes on. */
function flowLatencySlo(thresholds: Thresholds): AlertDefinition {
  const pairs = thresholds.flow_burn.map(({ long_seconds, short_seconds, factor }) => {
    const slow = `increase(${RECORDS.runsSlow}[${duration(long_seconds)}]) > ${thresholds.flow_min_slow_runs - 0.5}`;
    return `(${burnRecord(long_seconds)} > ${factor} and ${burnRecord(short_seconds)} > ${factor} and ${slow})`;
  });
  const percent = Number((thresholds.flow_objective * 100).toFixed(3));
  return {
    name: 'RunbeatFlowLatencySLO',
    group: 'flows',
    severity: 'warning',
    query: pairs.join('\nor '),
    condition: { above: 0 },
    forSeconds: 0,
    labels: ['source', 'dag_id'],
    summary: `Too many runs of ${DAG} (${SOURCE}) take longer than ${duration(thresholds.flow_duration)}: the allowance of ${Number((100 - percent).toFixed(3))}% is used up {{ $value | humanize }} times too fast`,
    description: `Promised: ${percent}% of the runs end within ${duration(thresholds.flow_duration)}.`,
    panel: 'flowBurn',
    page: DAG_PAGE,
    onNoData: 'OK',
    onError: 'KeepLast',
  };
}

/** Several failures among many runs, or a DAG none of whose runs succeeded, however rarely it runs. */
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
    summary: `{{ $value | humanizePercentage }} of the runs of ${DAG} (${SOURCE}) that ended in the last ${duration(thresholds.failure_window)} failed`,
    description: `Each failed run is somebody who did not get what they came for. The page lists them with their task that failed.`,
    panel: 'flowFailures',
    page: DAG_PAGE,
    onNoData: 'OK',
    onError: 'KeepLast',
  };
}

/** Tasks that the scheduler has handed over and no worker takes: workers are gone, full or stuck. */
function workerBacklog(thresholds: Thresholds): AlertDefinition {
  return {
    name: 'RunbeatWorkerBacklog',
    group: 'flows',
    severity: 'warning',
    query: `max by (source, queue) (${queueOldestAge.name})`,
    condition: { above: thresholds.queue_age },
    forSeconds: thresholds.queue_age_for,
    labels: ['source', 'queue'],
    summary: `A task in the queue {{ $labels.queue }} of ${SOURCE} has waited {{ $value | humanizeDuration }} for a worker`,
    description:
      'The scheduler has handed the task over and no worker has started it: workers are missing, full or stuck.',
    heldBackOn: ['source'],
    panel: 'backlog',
    page: SOURCE_PAGE,
    onNoData: 'OK',
    onError: 'KeepLast',
  };
}
