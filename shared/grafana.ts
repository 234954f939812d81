/** Ids, uids and paths of the plugin in Grafana. Dashboards, alerts and links depend on them. */

export const APP_ID = 'runbeat-observability-app';
export const DATASOURCE_ID = 'runbeat-runs-datasource';
export const LOOKUP_PANEL_ID = 'runbeat-lookup-panel';
export const GANTT_PANEL_ID = 'runbeat-gantt-panel';
export const GRAPH_PANEL_ID = 'runbeat-graph-panel';

export const RUNS_DATASOURCE_UID = 'runbeat-runs';
export const PROMETHEUS_DATASOURCE_UID = 'runbeat-prometheus';

export const DASHBOARD_UIDS = {
  scheduler: 'runbeat-scheduler',
  flows: 'runbeat-flows',
  lookup: 'runbeat-lookup',
} as const;

export const APP_ROOT = `/a/${APP_ID}`;
export const PAGES = {
  lookup: `${APP_ROOT}/lookup`,
  journey: `${APP_ROOT}/journey`,
  run: `${APP_ROOT}/run`,
  health: `${APP_ROOT}/health`,
  flows: `${APP_ROOT}/flows`,
  promises: `${APP_ROOT}/promises`,
} as const;

/**
 * Path below Grafana's root of the rendered `docs/runbooks/<alert>.md` in the plugin. Grafana serves it without a login, so that a person
 * on call reaches it with one click.
 */
export function runbookPath(alert: string): string {
  return `/public/plugins/${APP_ID}/${RUNBOOK_FOLDER}/${alert}.md.html`;
}

/** Folder of the runbooks, both in the repository and in the built plugin. */
export const RUNBOOK_FOLDER = 'docs/runbooks';

export const RUN_TABS = ['graph', 'gantt', 'tasks', 'attempts'] as const;
export type RunTab = (typeof RUN_TABS)[number];

/** Link to our own page of one run. The source may be omitted if the exporter observes only one. */
export function runPageUrl(run: { source?: string; dag_id: string; run_id: string }, tab: RunTab): string {
  const query = Object.entries({ source: run.source, dag_id: run.dag_id, run_id: run.run_id, tab });
  const named = query.filter((pair): pair is [string, string] => pair[1] !== undefined);
  return `${PAGES.run}?${named.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`;
}

/**
 * Template of the link from an exemplar's `run_id` to our page of that run, which Grafana fills in. It uses `percentencode` because a `+`
 * in a run id must not arrive as a space.
 */
export const EXEMPLAR_LINK = {
  label: 'run_id',
  url: `${PAGES.run}?${[
    'source=${__data.fields.source:percentencode}',
    'dag_id=${__data.fields.dag_id:percentencode}',
    'run_id=${__value.raw:percentencode}',
    'tab=gantt',
  ].join('&')}`,
} as const;

/** Link to the page of all runs of one value of a business key. */
export function journeyPageUrl(key: string, value: string): string {
  return `${PAGES.journey}?key=${encodeURIComponent(key)}&value=${encodeURIComponent(value)}`;
}
