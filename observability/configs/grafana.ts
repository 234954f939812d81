import {
  APP_ID,
  DATASOURCE_ID,
  EXEMPLAR_LINK,
  PROMETHEUS_DATASOURCE_UID,
  RUNS_DATASOURCE_UID,
} from '../../shared/grafana.ts';
import { duration } from '../promql/duration.ts';
import type { Thresholds } from '../thresholds.ts';

/** Content of `provisioning/grafana/datasources/runbeat.yaml`. `$NAME` is filled in by Grafana from its environment. */
export function grafanaDatasources({ scrape_interval }: Thresholds): object {
  return {
    apiVersion: 1,
    datasources: [
      {
        name: 'Runbeat Prometheus',
        uid: PROMETHEUS_DATASOURCE_UID,
        orgId: 1,
        type: 'prometheus',
        access: 'proxy',
        url: '$RUNBEAT_PROMETHEUS_URL',
        jsonData: {
          httpMethod: 'POST',
          timeInterval: duration(scrape_interval),
          manageAlerts: true,
          exemplarTraceIdDestinations: [
            // `$$`, because Grafana would take `$` for an environment variable.
            {
              name: EXEMPLAR_LINK.label,
              url: EXEMPLAR_LINK.url.replaceAll('$', '$$$$'),
              urlDisplayLabel: 'Open the run',
            },
          ],
        },
      },
      {
        name: 'Runbeat runs',
        uid: RUNS_DATASOURCE_UID,
        orgId: 1,
        type: DATASOURCE_ID,
        access: 'proxy',
        url: '$RUNBEAT_EXPORTER_URL',
        secureJsonData: { apiToken: '$RUNBEAT_API_TOKEN' },
      },
    ],
  };
}

/** Content of `provisioning/grafana/plugins/runbeat.yaml`. */
export function grafanaPlugins(): object {
  return { apiVersion: 1, apps: [{ type: APP_ID, org_id: 1, disabled: false }] };
}

/** Content of `provisioning/grafana/dashboards/runbeat.yaml`, by which Grafana finds the dashboards next to it. */
export function grafanaDashboardProvider(): object {
  return {
    apiVersion: 1,
    providers: [
      {
        name: 'runbeat',
        orgId: 1,
        // By title, as in the alert rules. With a uid here, there would be two folders with the same name.
        folder: 'Runbeat',
        type: 'file',
        disableDeletion: true,
        allowUiUpdates: false,
        updateIntervalSeconds: 30,
        options: { path: '/etc/grafana/provisioning/dashboards' },
      },
    ],
  };
}

/** Content of `provisioning/grafana/examples/contact-points.yaml`, which Grafana does not load from there. */
export function grafanaContactPoints(): object {
  return {
    apiVersion: 1,
    contactPoints: [
      {
        orgId: 1,
        name: 'Runbeat on-call',
        receivers: [
          {
            uid: 'runbeat-on-call',
            type: 'webhook',
            settings: { url: '$RUNBEAT_ALERT_WEBHOOK_URL', httpMethod: 'POST' },
            disableResolveMessage: false,
          },
        ],
      },
    ],
  };
}
