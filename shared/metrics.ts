import type { MetricDefinition } from './metrics/definition.ts';
import { EXPORTER_METRICS } from './metrics/exporter.ts';
import { FLOW_METRICS } from './metrics/flows.ts';
import { LIVENESS_METRICS } from './metrics/liveness.ts';
import { PROMISE_METRICS } from './metrics/promises.ts';
import { WORKLOAD_METRICS } from './metrics/workload.ts';

export * from './metrics/buckets.ts';
export type { MetricDefinition } from './metrics/definition.ts';

/**
 * Every metric that the exporter serves. Registration, docs/metrics.md and the checks of alerts and dashboards all come
 * from this table, so a name can't exist in one place only.
 */
export const METRICS = {
  ...LIVENESS_METRICS,
  ...FLOW_METRICS,
  ...WORKLOAD_METRICS,
  ...PROMISE_METRICS,
  ...EXPORTER_METRICS,
} as const satisfies Record<string, MetricDefinition>;

export type MetricKey = keyof typeof METRICS;
