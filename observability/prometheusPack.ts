import { stringify } from 'yaml';
import { prometheusRules } from './alerts/prometheus.ts';
import { alertmanagerConfig } from './configs/alertmanager.ts';
import { COMPOSE_ENDPOINTS, prometheusConfig, type Endpoints } from './configs/prometheus.ts';
import type { Thresholds } from './thresholds.ts';

/** Generated files by their path under `provisioning/`. */
export type Pack = Map<string, string>;

const HEADER = '# Generated from observability/ by `npm run generate`; edit it there.\n';

/** The files that Prometheus and Alertmanager load. */
export function prometheusPack(thresholds: Thresholds, endpoints: Endpoints = COMPOSE_ENDPOINTS): Pack {
  const pack: Pack = new Map();
  pack.set('prometheus/prometheus.yml', yaml(prometheusConfig(thresholds, endpoints)));
  for (const [name, file] of Object.entries(prometheusRules(thresholds))) {
    pack.set(`prometheus/rules/${name}.yml`, yaml(file));
  }
  pack.set('alertmanager/alertmanager.yml', yaml(alertmanagerConfig(thresholds, endpoints)));
  return pack;
}

/** The text of a generated file. */
export function yaml(content: object): string {
  return HEADER + stringify(content, { lineWidth: 0, aliasDuplicateObjects: false });
}
