import { duration } from '../promql/duration.ts';
import type { Thresholds } from '../thresholds.ts';

/** Addresses of the other parts, as `host:port`. The defaults are the services of docker-compose.yml. */
export interface Endpoints {
  exporters: readonly string[];
  prometheus: string;
  alertmanagers: readonly string[];
  /** URL that Alertmanager posts notifications to. */
  webhook: string;
}

export const COMPOSE_ENDPOINTS: Endpoints = {
  exporters: ['exporter:9550'],
  prometheus: 'localhost:9090',
  alertmanagers: ['alertmanager:9093'],
  webhook: 'http://set-runbeat-alert-webhook-url.invalid/',
};

/** Content of `provisioning/prometheus/prometheus.yml`. */
export function prometheusConfig(thresholds: Thresholds, endpoints: Endpoints): object {
  return {
    global: { scrape_interval: '15s', evaluation_interval: duration(thresholds.flow_interval) },
    rule_files: ['rules/*.yml'],
    alerting: { alertmanagers: [{ static_configs: [{ targets: endpoints.alertmanagers }] }] },
    scrape_configs: [
      {
        job_name: thresholds.exporter_job,
        scrape_interval: duration(thresholds.scrape_interval),
        scrape_timeout: duration(thresholds.scrape_interval * 0.8),
        static_configs: [{ targets: endpoints.exporters }],
      },
      { job_name: 'prometheus', static_configs: [{ targets: [endpoints.prometheus] }] },
    ],
  };
}
