import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  TimePickerBuilder,
  VariableRefresh,
  VariableSort,
  type AnnotationQuery,
} from '@grafana/grafana-foundation-sdk/dashboard';
import {
  DASHBOARD_UIDS,
  DATASOURCE_ID,
  PAGES,
  PROMETHEUS_DATASOURCE_UID,
  RUNS_DATASOURCE_UID,
} from '../../shared/grafana.ts';
import { METRICS } from '../../shared/metrics.ts';
import { PROMETHEUS, RUNS, runsTarget } from './queries.ts';

export interface FrameOptions {
  uid: string;
  title: string;
  /** The audience, and the questions that this dashboard answers in order. */
  description: string;
  from: string;
  refresh: string;
}

/** What the three dashboards share: time range, links to each other and to the app's pages, and scheduler outages. */
export function frame({ uid, title, description, from, refresh }: FrameOptions): DashboardBuilder {
  const dashboard = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['runbeat'])
    .time({ from, to: 'now' })
    .refresh(refresh)
    .timepicker(new TimePickerBuilder().refreshIntervals(['5s', '10s', '30s', '1m', '5m', '15m']))
    .tooltip(DashboardCursorSync.Crosshair)
    .timezone('browser')
    .readonly()
    .annotation({ build: outages });
  for (const [text, url] of linksFrom(uid)) {
    const link = new DashboardLinkBuilder(text).type(DashboardLinkType.Link).url(url).keepTime(true).includeVars(true);
    // The SDK's default hides the variable in a menu; show it above the panels instead.
    dashboard.link({ build: () => ({ ...link.build(), placement: undefined }) });
  }
  // First, because the queries of the other variables depend on them.
  for (const variable of dataSourceVariables()) dashboard.withVariable(variable);
  return dashboard;
}

/** Marks every interval without a live scheduler on every panel. */
function outages(): AnnotationQuery {
  return {
    name: 'Scheduler outages',
    datasource: RUNS,
    enable: true,
    iconColor: 'red',
    target: runsTarget({ queryType: 'outages' }),
  };
}

function linksFrom(uid: string): [text: string, url: string][] {
  const dashboards: [string, string, string][] = [
    [DASHBOARD_UIDS.scheduler, 'Scheduler', `/d/${DASHBOARD_UIDS.scheduler}`],
    [DASHBOARD_UIDS.flows, 'Flows', `/d/${DASHBOARD_UIDS.flows}`],
    [DASHBOARD_UIDS.lookup, 'Lookup', `/d/${DASHBOARD_UIDS.lookup}`],
  ];
  const pages: [string, string][] = [
    ['Find a user', PAGES.lookup],
    ['Health page', PAGES.health],
    ['Flows page', PAGES.flows],
  ];
  return [...dashboards.filter(([id]) => id !== uid).map(([, text, url]): [string, string] => [text, url]), ...pages];
}

/** The data sources that the panels query: the provisioned ones if they exist, else the first of their type. */
function dataSourceVariables(): DatasourceVariableBuilder[] {
  const variable = (name: string, label: string, type: string, uid: string, text: string) =>
    new DatasourceVariableBuilder(name).label(label).type(type).current({ selected: true, text, value: uid });
  return [
    variable('prometheus', 'Prometheus', 'prometheus', PROMETHEUS_DATASOURCE_UID, 'Runbeat Prometheus'),
    variable('runs', 'Runs', DATASOURCE_ID, RUNS_DATASOURCE_UID, 'Runbeat runs'),
  ];
}

export function sourceVariable(): QueryVariableBuilder {
  return choice('source', 'Source', `label_values(${METRICS.sourceUp.name}, source)`);
}

export function dagVariable(): QueryVariableBuilder {
  const query = `label_values(${METRICS.runDuration.name}_count{source=~"$source"}, dag_id)`;
  return choice('dag_id', 'DAG', query);
}

function choice(name: string, label: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(PROMETHEUS)
    .query(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ selected: true, text: 'All', value: '$__all' });
}
