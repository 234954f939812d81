import type { MetricDefinition } from './definition.ts';

/** What the exporter says about its own work. */
export const EXPORTER_METRICS = {
  collectorDuration: {
    name: 'runbeat_collector_duration_seconds',
    type: 'gauge',
    help: 'Duration of the last run of this collector.',
    labels: ['source', 'collector'],
  },
  collectorSuccess: {
    name: 'runbeat_collector_success',
    type: 'gauge',
    help: 'Whether the last run of this collector succeeded (1) or not (0).',
    labels: ['source', 'collector'],
  },
  catchupProgress: {
    name: 'runbeat_catchup_progress',
    type: 'gauge',
    help: 'Share of the history that has been indexed for the lookup, 0 to 1.',
    labels: ['source'],
  },
  confRefused: {
    name: 'runbeat_conf_refused_total',
    type: 'counter',
    help: 'Runs whose conf could not be read for business keys, by reason.',
    labels: ['source', 'reason'],
  },
  keyValuesLeftOut: {
    name: 'runbeat_key_values_left_out_total',
    type: 'counter',
    help: 'Runs that cannot be looked up by some values of a business key: too_many, too_long or unreadable.',
    labels: ['source', 'key', 'reason'],
  },
  seriesFolded: {
    name: 'runbeat_series_folded_total',
    type: 'counter',
    help: 'Observations counted under "_other" because the metric had reached its limit of label sets.',
    labels: ['source', 'metric'],
  },
  configReloadSuccess: {
    name: 'runbeat_config_last_reload_successful',
    type: 'gauge',
    help: 'Whether the last reload of runbeat.yaml succeeded (1), or failed and the previous promises stay in force (0).',
    labels: [],
  },
  buildInfo: {
    name: 'runbeat_build_info',
    type: 'gauge',
    help: 'Always 1; carries the version of the exporter.',
    labels: ['version'],
  },
} as const satisfies Record<string, MetricDefinition>;
