import { AppPlugin, dateTime, PluginExtensionPoints } from '@grafana/data';
import { setTemplateSrv, type TemplateSrv } from '@grafana/runtime';
import { beforeAll, describe, expect, it } from 'vitest';
import { deepFrozen, readOnlyProxy } from '../../../preview/host/extensions/readOnlyProxy.ts';
import { DATASOURCE_ID } from '../../../shared/grafana.ts';
import { addLinks } from '../../../src/extensions/addLinks.ts';

/** The links as Grafana calls them: over a context behind its read-only proxy, whose members its stores have frozen. */
const links = addLinks(new AppPlugin()).addedLinkConfigs;
const configured = (target: PluginExtensionPoints, context: object) =>
  links.find(({ targets }) => [targets].flat().includes(target))!.configure!(readOnlyProxy(context))?.path;

beforeAll(() => {
  const filled = (text: string | undefined, _scoped: unknown, format: (value: unknown) => string) => format(text);
  setTemplateSrv({ replace: filled } as unknown as TemplateSrv);
});

describe('the read-only proxy of a context', () => {
  const context = readOnlyProxy({ instance: deepFrozen({ labels: { dag_id: 'd' } }) });

  it('throws if a member of a frozen object is read, spread or serialized', () => {
    expect(() => context.instance.labels).toThrow(TypeError);
    expect(() => ({ ...context.instance })).toThrow(TypeError);
    expect(() => JSON.stringify(context)).toThrow(TypeError);
  });

  it('throws on writes', () => {
    expect(() => Object.assign(context, { instance: null })).toThrow(TypeError);
  });
});

describe('the link of an alert instance', () => {
  it('reads the labels of a frozen instance', () => {
    const instance = deepFrozen({ labels: { alertname: 'RunbeatFlowFailures', source: 's', dag_id: 'd' } });
    expect(configured(PluginExtensionPoints.AlertInstanceAction, { instance, rule: undefined })).toBe(
      '/a/runbeat-observability-app/flows?dag_id=d&source=s',
    );
  });

  it('reads a context that is frozen as a whole', () => {
    const context = deepFrozen({ instance: { labels: { alertname: 'RunbeatSchedulerDown', source: 's' } } });
    expect(configured(PluginExtensionPoints.AlertInstanceAction, context)).toBe(
      '/a/runbeat-observability-app/health?source=s',
    );
  });

  it.each([{}, { instance: undefined }, { instance: {} }, { instance: { labels: { alertname: 'NodeDown' } } }])(
    'is not offered for %j',
    (context) => {
      expect(configured(PluginExtensionPoints.AlertInstanceAction, deepFrozen(context))).toBeUndefined();
    },
  );
});

describe('the link of a panel', () => {
  it('is that of the dashboard for a panel without queries', () => {
    const dashboard = { uid: 'd', title: 'd', tags: ['runbeat'] };
    const context = deepFrozen({ timeRange: { from: 'now-1h', to: 'now' }, dashboard, targets: undefined });
    expect(configured(PluginExtensionPoints.DashboardPanelMenu, context)).toBe(
      '/a/runbeat-observability-app/health?from=now-1h&to=now',
    );
  });

  const query = { refId: 'A', datasource: { type: DATASOURCE_ID }, queryType: 'run_tasks', dag_id: 'd', run_id: 'r' };

  it('reads frozen queries, tags and times', () => {
    const context = deepFrozen({
      targets: [query],
      scopedVars: {},
      timeRange: { from: 'now-1h', to: 'now' },
      dashboard: { uid: 'u', title: 't', tags: ['runbeat'] },
    });
    expect(configured(PluginExtensionPoints.DashboardPanelMenu, context)).toBe(
      '/a/runbeat-observability-app/run?dag_id=d&run_id=r&tab=gantt&from=now-1h&to=now',
    );
  });

  it('writes an absolute time as milliseconds', () => {
    const timeRange = { from: dateTime(1000), to: dateTime(2000) };
    const context = { targets: [query], scopedVars: {}, timeRange, dashboard: { tags: [] } };
    expect(configured(PluginExtensionPoints.DashboardPanelMenu, context)).toMatch(/&from=1000&to=2000$/);
  });

  it('is not offered where a panel has no queries', () => {
    const context = deepFrozen({ targets: [], scopedVars: {}, timeRange: { from: 'a', to: 'b' }, dashboard: {} });
    expect(configured(PluginExtensionPoints.DashboardPanelMenu, context)).toBeUndefined();
  });
});

it('has no link in the menu of an alert rule, because it would replace "Duplicate"', () => {
  expect(links.flatMap(({ targets }) => targets)).not.toContain(PluginExtensionPoints.AlertingAlertingRuleAction);
});
