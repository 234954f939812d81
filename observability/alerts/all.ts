import type { Thresholds } from '../thresholds.ts';
import type { AlertDefinition } from './definition.ts';
import { componentAlerts } from './components.ts';
import { exporterAlerts } from './exporter.ts';
import { flowAlerts } from './flows.ts';
import { livenessAlerts } from './liveness.ts';
import { promiseAlerts } from './promises.ts';

/** Every alert of the pack, in the order in which they are written and documented. */
export function allAlerts(thresholds: Thresholds): AlertDefinition[] {
  return [
    ...livenessAlerts(thresholds),
    ...componentAlerts(thresholds),
    ...flowAlerts(thresholds),
    ...promiseAlerts(thresholds),
    ...exporterAlerts(thresholds),
  ];
}
