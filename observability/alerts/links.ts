import { PANELS } from '../panels.ts';
import type { Thresholds } from '../thresholds.ts';
import type { AlertDefinition } from './definition.ts';

/** Where the person who reads the alert goes next: what to do, the numbers, the cause. Values are templates. */
export function linksOf(alert: AlertDefinition, { grafana_url, runbook_url }: Thresholds): Record<string, string> {
  const { dashboard, id } = PANELS[alert.panel];
  const known = alert.labels.filter((label) => label === 'source' || label === 'dag_id');
  const ofPage = [...known, ...alert.labels.filter((label) => label === 'promise')];
  return {
    runbook_url: runbook_url.replaceAll('{grafana_url}', grafana_url).replaceAll('{alert}', alert.name),
    dashboard_url: `${grafana_url}/d/${dashboard}?viewPanel=${id}${known.map((label) => filled(`&var-${label}=`, label)).join('')}`,
    page_url: `${grafana_url}${alert.page}${ofPage.map((label, at) => filled(`${at === 0 ? '?' : '&'}${label}=`, label)).join('')}`,
  };
}

/** A label that an alert lacks (no data has none) leaves its parameter out. */
function filled(parameter: string, label: string): string {
  return `{{ with $labels.${label} }}${parameter}{{ . | urlquery }}{{ end }}`;
}
