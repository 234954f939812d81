import { METRICS } from '../../shared/metrics.ts';
import { PAGES } from '../../shared/grafana.ts';
import { duration } from '../promql/duration.ts';
import type { Thresholds } from '../thresholds.ts';
import type { AlertDefinition } from './definition.ts';
import { unreachableFor } from './liveness.ts';

const { sourceLag, schedulersAlive } = METRICS;
const SOURCE = '{{ $labels.source }}';

/** These explain why RunbeatSchedulerDown has no data. While it fires, they are inhibited and send no page of their own. */
export function exporterAlerts(thresholds: Thresholds): AlertDefinition[] {
  return [
    exporterDown(thresholds),
    prometheusUnreachable(thresholds),
    sourceUnreachable(thresholds),
    exporterLagging(thresholds),
  ];
}

function exporterDown(thresholds: Thresholds): AlertDefinition {
  const up = `up{job="${thresholds.exporter_job}"}`;
  return {
    name: 'RunbeatExporterDown',
    group: 'liveness',
    severity: 'warning',
    query: `${up} or absent(${up}) * 0`,
    condition: { below: 1 },
    forSeconds: thresholds.exporter_down_for,
    labels: ['job', 'instance'],
    summary: 'An exporter does not answer Prometheus',
    detail: `Prometheus has received no answer from the exporter{{ with $labels.instance }} {{ . }}{{ end }} for ${duration(thresholds.exporter_down_for)}`,
    consequence:
      'Without the exporter, the schedulers are not monitored and lookups find no runs. The schedulers themselves do not depend on it.',
    heldBackOn: [],
    panel: 'exporterUp',
    page: PAGES.health,
    onNoData: 'OK',
    onError: 'KeepLast',
  };
}

/**
 * A separate rule, because an alert whose query fails keeps the labels and texts of the last answer: any other rule would
 * then name an exporter or a scheduler. This rule is about Prometheus only.
 */
function prometheusUnreachable(thresholds: Thresholds): AlertDefinition {
  return {
    name: 'RunbeatPrometheusUnreachable',
    grafanaOnly: true,
    group: 'liveness',
    severity: 'warning',
    query: 'vector(1)',
    condition: { below: 1 },
    forSeconds: thresholds.exporter_down_for,
    labels: [],
    summary: 'Prometheus does not answer Grafana, so the schedulers are not monitored',
    detail: `Grafana has received no answer from Prometheus for ${duration(thresholds.exporter_down_for)}`,
    consequence:
      'Every other alert of Runbeat in Grafana keeps its last state until Prometheus answers: RunbeatSchedulerDown neither fires nor resolves.',
    panel: 'exporterUp',
    page: PAGES.health,
    onNoData: 'Alerting',
    onError: 'Alerting',
  };
}

function sourceUnreachable(thresholds: Thresholds): AlertDefinition {
  return {
    name: 'RunbeatSourceUnreachable',
    group: 'liveness',
    severity: 'warning',
    query: unreachableFor(thresholds, 'source, job, instance'),
    condition: { below: 1 },
    forSeconds: 0,
    labels: ['source', 'job', 'instance'],
    summary: 'An exporter cannot read the database it observes',
    detail: `The exporter {{ $labels.instance }} has not been able to read the database of ${SOURCE} for ${duration(thresholds.no_data_after)}`,
    consequence: `Its metrics of ${SOURCE} are as old as that. If the schedulers can't reach the database either, nothing is scheduled.`,
    heldBackOn: ['source'],
    panel: 'sourceUp',
    page: PAGES.health,
    onNoData: 'OK',
    onError: 'KeepLast',
  };
}

/** While nothing runs, the newest change is a heartbeat. Without a live scheduler, RunbeatSchedulerDown covers this. */
function exporterLagging(thresholds: Thresholds): AlertDefinition {
  return {
    name: 'RunbeatExporterLagging',
    group: 'liveness',
    severity: 'warning',
    query: [
      `max by (source) (${sourceLag.name})`,
      `and on (source) max by (source) (${schedulersAlive.name}) > 0`,
    ].join('\n'),
    condition: { above: thresholds.source_lag },
    forSeconds: thresholds.source_lag_for,
    labels: ['source'],
    summary: 'The exporter lags behind its database',
    detail: `The exporter's data about ${SOURCE} is {{ $value | humanizeDuration }} old`,
    consequence: `Metrics and lookups of ${SOURCE} are delayed, and so are the alerts based on them.`,
    heldBackOn: ['source'],
    panel: 'sourceLag',
    page: PAGES.health,
    onNoData: 'OK',
    onError: 'KeepLast',
  };
}
