import { METRICS } from '../../shared/metrics.ts';
import { PAGES } from '../../shared/grafana.ts';
import { duration } from '../promql/duration.ts';
import type { Thresholds } from '../thresholds.ts';
import type { AlertDefinition } from './definition.ts';
import { unreachableFor } from './liveness.ts';

const { sourceLag, schedulersAlive } = METRICS;
const SOURCE = '{{ $labels.source }}';
const HEALTH_PAGE = `${PAGES.health}?source={{ $labels.source | urlquery }}`;

/** These say why RunbeatSchedulerDown has no data; while it fires they are held back (inhibition) and add no page. */
export function exporterAlerts(thresholds: Thresholds): AlertDefinition[] {
  return [exporterDown(thresholds), sourceUnreachable(thresholds), exporterLagging(thresholds)];
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
    summary: `Prometheus has got no answer from the exporter {{ $labels.instance }} for ${duration(thresholds.exporter_down_for)}`,
    description:
      'Without the exporter nobody watches the schedulers, and lookups find nothing. The schedulers themselves do not need it.',
    heldBackOn: [],
    panel: 'exporterUp',
    page: PAGES.health,
    onNoData: 'OK',
    // A Prometheus that is away for this long leaves everything unwatched, RunbeatSchedulerDown included.
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
    summary: `The exporter {{ $labels.instance }} has not been able to read the database of ${SOURCE} for ${duration(thresholds.no_data_after)}`,
    description: `What it says about ${SOURCE} is as old as that. If the schedulers can't reach the database either, nothing is scheduled.`,
    heldBackOn: ['source'],
    panel: 'sourceUp',
    page: HEALTH_PAGE,
    onNoData: 'OK',
    onError: 'KeepLast',
  };
}

/** In an idle night the newest change is a heartbeat; without a live scheduler it is RunbeatSchedulerDown's matter. */
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
    summary: `What the exporter says about ${SOURCE} is {{ $value | humanizeDuration }} old`,
    description: `Metrics and lookups of ${SOURCE} trail behind. Alerts that build on them come that much later.`,
    heldBackOn: ['source'],
    panel: 'sourceLag',
    page: HEALTH_PAGE,
    onNoData: 'OK',
    onError: 'KeepLast',
  };
}
