import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  QueryVariableBuilder,
  TimePickerBuilder,
  VariableRefresh,
  VariableSort,
  type AnnotationQuery,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DASHBOARD_UIDS, PAGES } from '../../shared/grafana.ts';
import { METRICS } from '../../shared/metrics.ts';
import { PROMETHEUS, RUNS, runsTarget } from './queries.ts';

export interface FrameOptions {
  uid: string;
  title: string;
  /** The person and the questions that this dashboard answers, in their order. */
  description: string;
  from: string;
  refresh: string;
}

/** What the three dashboards have in common: time, links to each other and to the pages, and the outages of schedulers. */
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
    // The SDK would hide it in a menu; above the panels it can be seen.
    dashboard.link({ build: () => ({ ...link.build(), placement: undefined }) });
  }
  return dashboard;
}

/** Every interval without a live scheduler, drawn over every panel. */
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
