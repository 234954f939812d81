import {
  PluginExtensionPoints,
  type AppPlugin,
  type DataQuery,
  type PluginExtensionPanelContext,
  type RawTimeRange,
} from '@grafana/data';
import { getTemplateSrv } from '@grafana/runtime';
import { DATASOURCE_ID, PAGES } from '../../shared/grafana.ts';
import type { AppSettings } from '../app/settings.ts';
import { interpolate, type Replace } from '../datasource/interpolate.ts';
import type { RunsQuery } from '../datasource/types.ts';
import { alertLink, panelLink } from './panelLink.ts';

/** Titles and targets stand in plugin.json as well: Grafana finds a link there by its title and refuses one that differs. */
export const PANEL_LINK = {
  targets: [PluginExtensionPoints.DashboardPanelMenu],
  title: 'Open in Runbeat',
  description: 'The run, the lookup or the flow that this panel shows',
};
export const ALERT_LINK = {
  targets: [PluginExtensionPoints.AlertInstanceAction, PluginExtensionPoints.AlertingAlertingRuleAction],
  title: 'See the cause in Runbeat',
  description: 'The flow or the scheduler that this alert is about',
};

/** Ways from dashboards and alerts into the app's pages. */
export function addLinks(plugin: AppPlugin<AppSettings>): AppPlugin<AppSettings> {
  return plugin
    .addLink<PluginExtensionPanelContext>({
      ...PANEL_LINK,
      icon: 'search',
      path: PAGES.lookup,
      configure: (context) => context && panelLink(factsOf(context)),
    })
    .addLink<AlertContext>({
      ...ALERT_LINK,
      icon: 'heart',
      path: PAGES.health,
      configure: (context) => alertLink(labelsOf(context)),
    });
}

/** An instance carries its labels, a rule its own name beside them. */
interface AlertContext {
  name?: string;
  labels?: Record<string, string>;
  instance?: { labels?: Record<string, string> };
}

function labelsOf({ name, labels, instance }: AlertContext = {}): Record<string, string> {
  return { ...(name ? { alertname: name } : {}), ...labels, ...instance?.labels };
}

function factsOf({ targets, scopedVars, timeRange, dashboard }: PluginExtensionPanelContext) {
  const replace: Replace = (text, scoped, format) => getTemplateSrv().replace(text, scoped, format);
  return {
    queries: targets.filter(isOurs).map((target) => interpolate(target, replace, scopedVars ?? {})),
    from: boundText(timeRange.from),
    to: boundText(timeRange.to),
    dashboardTags: dashboard?.tags ?? [],
  };
}

function isOurs(target: DataQuery): target is RunsQuery {
  return target.datasource?.type === DATASOURCE_ID;
}

function boundText(bound: RawTimeRange['from']): string {
  return typeof bound === 'string' ? bound : String(bound.valueOf());
}
