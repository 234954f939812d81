import { PANELS } from '../panels.ts';
import type { Thresholds } from '../thresholds.ts';
import type { AlertDefinition } from './definition.ts';

/** Where the person who reads the alert goes next: what to do, the numbers, the cause. Values are templates. */
export function linksOf(alert: AlertDefinition, { grafana_url, runbook_url }: Thresholds): Record<string, string> {
  const { dashboard, id } = PANELS[alert.panel];
  const variables = alert.labels
    .filter((label) => label === 'source' || label === 'dag_id')
    .map((label) => `&var-${label}={{ $labels.${label} | urlquery }}`);
  return {
    runbook_url: runbook_url.replaceAll('{grafana_url}', grafana_url).replaceAll('{alert}', alert.name),
    dashboard_url: `${grafana_url}/d/${dashboard}?viewPanel=${id}${variables.join('')}`,
    page_url: `${grafana_url}${alert.page}`,
  };
}
