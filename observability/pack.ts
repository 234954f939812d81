import { grafanaAlerting } from './alerts/grafana.ts';
import {
  grafanaContactPoints,
  grafanaDashboardProvider,
  grafanaDatasources,
  grafanaPlugins,
} from './configs/grafana.ts';
import { allDashboards } from './dashboards/all.ts';
import { prometheusPack, yaml, type Pack } from './prometheusPack.ts';
import type { Thresholds } from './thresholds.ts';

/** The part of the Helm chart that is generated. */
export const CHART_FILES = 'helm/runbeat/files/';

/** The files that Grafana loads. */
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
  const pack = new Map([...prometheusPack(thresholds), ...grafanaPack(thresholds)]);
  return new Map([...pack, ...chartFiles(pack)]);
}

/** The copies for the Helm chart, which can only read files in its own folder. */
function chartFiles(pack: Pack): Pack {
  const files: Pack = new Map();
  for (const [name, text] of pack) {
    const [, rules] = /^prometheus\/(rules\/.+\.yml)$/.exec(name) ?? [];
    const [, dashboard] = /^grafana\/(dashboards\/.+\.json)$/.exec(name) ?? [];
    const file = rules ?? dashboard;
    if (file) files.set(`${CHART_FILES}${file}`, text);
  }
  return files;
}
