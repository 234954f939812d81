import { describe, expect, it } from 'vitest';
import { interpolate } from '../../../src/datasource/interpolate.ts';
import type { RunsQuery } from '../../../src/datasource/types.ts';
import { ALERT_LINK, PALETTE_LINK, PANEL_LINK } from '../../../src/extensions/addLinks.ts';
import { alertLink, panelLink } from '../../../src/extensions/panelLink.ts';
import plugin from '../../../src/plugin.json';

const query = (part: Partial<RunsQuery>) =>
  interpolate({ refId: 'A', queryType: 'runs', ...part }, (text, _scoped, format) => format(text), {});
const link = (queries: Partial<RunsQuery>[], dashboardTags: string[] = []) =>
  panelLink({ queries: queries.map(query), from: 'now-1h', to: 'now', dashboardTags })?.path;

describe('panelLink', () => {
  it.each<[what: string, part: Partial<RunsQuery>, path: string]>([
    [
      'the run of a Gantt',
      { source: 's', dag_id: 'd', run_id: 'a+b' },
      '/a/runbeat-observability-app/run?source=s&dag_id=d&run_id=a%2Bb&tab=gantt&from=now-1h&to=now',
    ],
    [
      'the run of a Gantt whose query leaves the only source out',
      { dag_id: 'd', run_id: 'r' },
      '/a/runbeat-observability-app/run?dag_id=d&run_id=r&tab=gantt&from=now-1h&to=now',
    ],
    [
      'the ids of a lookup',
      { key: 'user_id', values: '1,2' },
      '/a/runbeat-observability-app/lookup?key=user_id&value=1&value=2&from=now-1h&to=now',
    ],
    [
      'the journey of an id',
      { queryType: 'journey', key: 'user_id', values: '42' },
      '/a/runbeat-observability-app/journey?key=user_id&value=42&from=now-1h&to=now',
    ],
    [
      'the flow of a DAG, with the range',
      { dag_id: 'd' },
      '/a/runbeat-observability-app/flows?dag_id=d&from=now-1h&to=now',
    ],
    [
      'ids that hold a comma, which are quoted',
      { key: 'user_id', values: '"a,b", c' },
      '/a/runbeat-observability-app/lookup?key=user_id&value=a%2Cb&value=c&from=now-1h&to=now',
    ],
    [
      'the flow of a DAG in one source',
      { source: 's', dag_id: 'd' },
      '/a/runbeat-observability-app/flows?dag_id=d&source=s&from=now-1h&to=now',
    ],
    [
      'health where several DAGs are chosen',
      { dag_id: 'd, e' },
      '/a/runbeat-observability-app/health?from=now-1h&to=now',
    ],
    ['health for the rest', { queryType: 'outages' }, '/a/runbeat-observability-app/health?from=now-1h&to=now'],
  ])('leads to %s', (_, part, path) => {
    expect(link([part])).toBe(path);
  });

  it('offers nothing on panels that are not about runs', () => {
    expect(link([])).toBeUndefined();
  });

  it('leads from the panels of our own dashboards to health', () => {
    expect(link([], ['runbeat'])).toBe('/a/runbeat-observability-app/health?from=now-1h&to=now');
  });
});

describe('alertLink', () => {
  it.each<[labels: Record<string, string>, path: string | undefined]>([
    [{ alertname: 'RunbeatFlowLatencySLO', dag_id: 'd' }, '/a/runbeat-observability-app/flows?dag_id=d'],
    [{ alertname: 'RunbeatSchedulerDown', source: 's' }, '/a/runbeat-observability-app/health?source=s'],
    [{ alertname: 'RunbeatExporterDown' }, '/a/runbeat-observability-app/health'],
    [{ alertname: 'NodeDown', instance: 'x' }, undefined],
    [{}, undefined],
  ])('%j leads to %s', (labels, path) => {
    expect(alertLink(labels)?.path).toBe(path);
  });
});

it('declares its links in plugin.json with the same texts, as Grafana requires', () => {
  const declared = plugin.extensions.addedLinks;
  expect(declared).toEqual([PANEL_LINK, PALETTE_LINK, ALERT_LINK]);
});
