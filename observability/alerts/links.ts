import { PANELS } from '../panels.ts';
import type { Thresholds } from '../thresholds.ts';
import type { AlertDefinition } from './definition.ts';

/** Links for the person who reads the alert: what to do, the panel, the page with the cause. Values are templates. */
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

/** A parameter of a link. It is omitted if the alert lacks the label, as an alert for missing data does. */
function filled(parameter: string, label: string): string {
  return `{{ with $labels.${label} }}${parameter}{{ . | urlquery }}{{ end }}`;
}
