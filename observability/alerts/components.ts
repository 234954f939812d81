import { METRICS } from '../../shared/metrics.ts';
import { PAGES } from '../../shared/grafana.ts';
import { duration } from '../promql/duration.ts';
import type { Thresholds } from '../thresholds.ts';
import type { AlertDefinition } from './definition.ts';

const { componentAlive, importErrors } = METRICS;
const SOURCE = '{{ $labels.source }}';

/** Components that an Airflow needs besides its schedulers. */
export function componentAlerts(thresholds: Thresholds): AlertDefinition[] {
  return [componentDown(thresholds), filesNotImported(thresholds)];
}

/**
 * No component of a kind is alive. If one of several dies, the others take over; a restart is shorter than the waiting time.
 * Schedulers have their own alerts.
 */
function componentDown(thresholds: Thresholds): AlertDefinition {
  return {
    name: 'RunbeatComponentDown',
    group: 'liveness',
    severity: 'warning',
    query: `max by (source, component) (${componentAlive.name}{component!="scheduler"})`,
    condition: { below: 1 },
    forSeconds: thresholds.component_down_for,
    labels: ['source', 'component'],
    summary: 'No triggerer or no DAG processor is alive',
    detail: `No {{ $labels.component }} of ${SOURCE} has been alive for ${duration(thresholds.component_down_for)}`,
    consequence: `Without a triggerer, deferred tasks of ${SOURCE} never resume; without a DAG processor, changes to DAGs have no effect.`,
    heldBackOn: ['source'],
    panel: 'heartbeatAge',
    page: PAGES.health,
    onNoData: 'OK',
    onError: 'KeepLast',
  };
}

function filesNotImported(thresholds: Thresholds): AlertDefinition {
  return {
    name: 'RunbeatImportErrors',
    group: 'flows',
    severity: 'warning',
    query: `max by (source) (${importErrors.name})`,
    condition: { above: 0 },
    forSeconds: thresholds.import_errors_for,
    labels: ['source'],
    summary: 'DAG files cannot be imported',
    detail: `{{ $value }} DAG files of ${SOURCE} have had import errors for ${duration(thresholds.import_errors_for)}`,
    consequence: `The DAGs in these files get no new scheduled runs, and changes to them have no effect.`,
    heldBackOn: ['source'],
    panel: 'schedulersAlive',
    page: PAGES.health,
    onNoData: 'OK',
    onError: 'KeepLast',
  };
}
