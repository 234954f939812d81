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
import { memberOf } from './memberOf.ts';
import { alertLink, panelLink } from './panelLink.ts';

/** Titles and targets are also in plugin.json: Grafana finds a link there by its title, and refuses it if it differs. */
export const PANEL_LINK = {
  targets: [PluginExtensionPoints.DashboardPanelMenu, PluginExtensionPoints.ExploreToolbarAction],
  title: 'Open in Runbeat',
  description: 'Open the run, lookup or flow shown here',
};
export const ALERT_LINK = {
  targets: [PluginExtensionPoints.AlertInstanceAction],
  title: 'See the cause in Runbeat',
  description: 'Open the flow or scheduler that this alert is about',
};

export const PALETTE_LINK = {
  targets: [PluginExtensionPoints.CommandPalette],
  title: 'Find a run…',
  description: 'By a business key of the run, such as a user id or an order id',
};

/**
 * Adds links from dashboards and alerts to the app's pages. There is none in the menu of an alert rule: Grafana only offers one for rules
 * with the label `__grafana_origin: plugin/<id>`, and that label removes "Duplicate", which people use to adapt a provisioned rule. A
 * rule links to its panel and runbook by annotations. Its instances have labels, so they have links to the app.
 */
export function addLinks(plugin: AppPlugin<AppSettings>): AppPlugin<AppSettings> {
  return plugin
    .addLink<PluginExtensionPanelContext>({
      ...PANEL_LINK,
      icon: 'search',
      path: PAGES.lookup,
      configure: (context) => context && panelLink(factsOf(context)),
    })
    .addLink({ ...PALETTE_LINK, category: 'Runbeat', icon: 'search', path: PAGES.lookup })
    .addLink<AlertContext>({
      ...ALERT_LINK,
      icon: 'heart',
      path: PAGES.health,
      configure: (context) => alertLink(labelsOf(context)),
    });
}

/** The context of a row in Grafana's table of alert instances. */
interface AlertContext {
  instance?: { labels?: Record<string, string> };
}

function labelsOf(context: AlertContext | undefined): Record<string, string> {
  const instance = context && memberOf(context, 'instance');
  return (instance && memberOf(instance, 'labels')) ?? {};
}

function factsOf(context: PluginExtensionPanelContext) {
  const replace: Replace = (text, scoped, format) => getTemplateSrv().replace(text, scoped, format);
  const timeRange = memberOf(context, 'timeRange');
  const dashboard = memberOf(context, 'dashboard');
  return {
    // A panel without queries, such as a text, has no targets.
    queries: (memberOf(context, 'targets') ?? [])
      .filter(isOurs)
      .map((target) => interpolate(target, replace, memberOf(context, 'scopedVars') ?? {})),
    from: boundText(memberOf(timeRange, 'from')),
    to: boundText(memberOf(timeRange, 'to')),
    dashboardTags: (dashboard && memberOf(dashboard, 'tags')) ?? [],
  };
}

function isOurs(target: DataQuery): target is RunsQuery {
  return target.datasource?.type === DATASOURCE_ID;
}

function boundText(bound: RawTimeRange['from']): string {
  return typeof bound === 'string' ? bound : String(bound.valueOf());
}
