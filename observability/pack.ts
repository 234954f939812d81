import { stringify } from 'yaml';
import { grafanaAlerting } from './alerts/grafana.ts';
import { prometheusRules } from './alerts/prometheus.ts';
import { alertmanagerConfig } from './configs/alertmanager.ts';
import {
  grafanaContactPoints,
  grafanaDashboardProvider,
  grafanaDatasources,
  grafanaPlugins,
} from './configs/grafana.ts';
import { COMPOSE_ENDPOINTS, prometheusConfig, type Endpoints } from './configs/prometheus.ts';
import { allDashboards } from './dashboards/all.ts';
import type { Thresholds } from './thresholds.ts';

/** Generated files by their path under `provisioning/`. */
export type Pack = Map<string, string>;

const HEADER = '# Generated from observability/ by `npm run generate`; edit it there.\n';

/** What Prometheus and Alertmanager load. */
export function prometheusPack(thresholds: Thresholds, endpoints: Endpoints = COMPOSE_ENDPOINTS): Pack {
  const pack: Pack = new Map();
  pack.set('prometheus/prometheus.yml', yaml(prometheusConfig(thresholds, endpoints)));
  for (const [name, file] of Object.entries(prometheusRules(thresholds))) {
    pack.set(`prometheus/rules/${name}.yml`, yaml(file));
  }
  pack.set('alertmanager/alertmanager.yml', yaml(alertmanagerConfig(thresholds, endpoints)));
  return pack;
}

/** What Grafana loads. */
export function grafanaPack(thresholds: Thresholds): Pack {
  const dashboards = allDashboards(thresholds).map((dashboard): [string, string] => [
    `grafana/dashboards/${dashboard.uid}.json`,
    `${JSON.stringify(dashboard, null, 2)}\n`,
  ]);
  return new Map([
    ...dashboards,
    ['grafana/datasources/runbeat.yaml', yaml(grafanaDatasources(thresholds))],
    ['grafana/plugins/runbeat.yaml', yaml(grafanaPlugins())],
    ['grafana/dashboards/runbeat.yaml', yaml(grafanaDashboardProvider())],
    ['grafana/alerting/runbeat.yaml', yaml(grafanaAlerting(thresholds))],
    ['grafana/examples/contact-points.yaml', yaml(grafanaContactPoints())],
  ]);
}

export function fullPack(thresholds: Thresholds): Pack {
  return new Map([...prometheusPack(thresholds), ...grafanaPack(thresholds)]);
}

function yaml(content: object): string {
  return HEADER + stringify(content, { lineWidth: 0, aliasDuplicateObjects: false });
}
