import { describe, expect, it } from 'vitest';
import { DATASOURCE_ID } from '../../../shared/grafana.ts';
import { ALERT_LINK, PANEL_LINK } from '../../../src/extensions/addLinks.ts';
import { alertLink, panelLink } from '../../../src/extensions/panelLink.ts';
import plugin from '../../../src/plugin.json';

const ours = (part: object) => ({ refId: 'A', datasource: { type: DATASOURCE_ID, uid: 'x' }, ...part });
const theirs = { refId: 'A', datasource: { type: 'prometheus', uid: 'x' } };
const link = (targets: object[], dashboardTags: string[] = []) =>
  panelLink({ targets: targets as never, from: 'now-1h', to: 'now', dashboardTags })?.path;

describe('panelLink', () => {
  it.each<[what: string, target: object, path: string]>([
    [
      'the run of a Gantt',
      { source: 's', dag_id: 'd', run_id: 'a+b' },
      '/a/runbeat-observability-app/run?source=s&dag_id=d&run_id=a%2Bb&tab=gantt&from=now-1h&to=now',
    ],
    [
      'the ids of a lookup',
      { key: 'user_id', values: '1,2' },
      '/a/runbeat-observability-app/lookup?key=user_id&value=1&value=2&from=now-1h&to=now',
    ],
    [
      'the flow of a DAG, with the range',
      { dag_id: 'd' },
      '/a/runbeat-observability-app/flows?dag_id=d&from=now-1h&to=now',
    ],
    ['health for the rest', { queryType: 'outages' }, '/a/runbeat-observability-app/health?from=now-1h&to=now'],
  ])('leads to %s', (_, target, path) => {
    expect(link([theirs, ours(target)])).toBe(path);
  });

  it('offers nothing on panels that are not about runs', () => {
    expect(link([theirs])).toBeUndefined();
    expect(link([])).toBeUndefined();
  });

  it('leads from the panels of our own dashboards to health', () => {
    expect(link([theirs], ['runbeat'])).toBe('/a/runbeat-observability-app/health?from=now-1h&to=now');
  });
});

describe('alertLink', () => {
  it.each<[labels: Record<string, string>, path: string | undefined]>([
    [{ alertname: 'RunbeatFlowLatencySLO', dag_id: 'd' }, '/a/runbeat-observability-app/flows?dag_id=d'],
    [{ alertname: 'RunbeatSchedulerDown', source: 's' }, '/a/runbeat-observability-app/health'],
    [{ alertname: 'NodeDown', instance: 'x' }, undefined],
    [{}, undefined],
  ])('%j leads to %s', (labels, path) => {
    expect(alertLink(labels)?.path).toBe(path);
  });
});

it('declares its links in plugin.json word for word, as Grafana demands', () => {
  const declared = plugin.extensions.addedLinks;
  expect(declared).toEqual([PANEL_LINK, ALERT_LINK]);
});
