import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { lintPack } from '../../observability/lint/pack.ts';
import { fullPack } from '../../observability/pack.ts';
import { DEFAULT_THRESHOLDS } from '../../observability/thresholds.ts';

const CONTRACT = [
  'RunbeatSchedulerDown',
  'RunbeatSchedulerInstanceDown',
  'RunbeatSchedulingStalled',
  'RunbeatComponentDown',
  'RunbeatImportErrors',
  'RunbeatTransitionLatencyHigh',
  'RunbeatFlowLatencySLO',
  'RunbeatPromiseMissed',
  'RunbeatFlowFailures',
  'RunbeatWorkerBacklog',
  'RunbeatExporterDown',
  'RunbeatSourceUnreachable',
  'RunbeatExporterLagging',
];
/** A rule about Prometheus, which can't alert on its own failure. */
const GRAFANA_ONLY = ['RunbeatPrometheusUnreachable'];
const ALERTING = 'grafana/alerting/runbeat.yaml';
const DASHBOARD = 'grafana/dashboards/runbeat-scheduler.json';

// Paths in Grafana's YAML, which has no types here.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Loose = any;

/** The shipped pack with one file changed. */
function packWith(file: string, change: (content: Loose) => void): Map<string, string> {
  const pack = new Map(fullPack(DEFAULT_THRESHOLDS));
  const content: Loose = parse(pack.get(file)!);
  change(content);
  pack.set(file, file.endsWith('.json') ? JSON.stringify(content) : stringify(content));
  return pack;
}

const rule = (content: Loose, index = 0): Loose => content.groups[0].rules[index];
const panel = (content: Loose): Loose => content.panels.find(({ type }: Loose) => type === 'stat');

describe('the pack', () => {
  const pack = fullPack(DEFAULT_THRESHOLDS);

  it('is consistent', () => {
    expect(lintPack(pack)).toEqual([]);
  });

  it('defines every alert of the contract in both outputs', () => {
    const grafana = (parse(pack.get(ALERTING)!) as Loose).groups.flatMap(({ rules }: Loose) => rules);
    const prometheus = ['liveness', 'flows']
      .flatMap((name) =>
        (parse(pack.get(`prometheus/rules/${name}.yml`)!) as Loose).groups.flatMap((group: Loose) => group.rules),
      )
      .filter(({ alert }: Loose) => alert);
    expect(grafana.map(({ title }: Loose) => title).sort()).toEqual([...CONTRACT, ...GRAFANA_ONLY].sort());
    expect(prometheus.map(({ alert }: Loose) => alert).sort()).toEqual([...CONTRACT].sort());
  });

  const grafanaRules = (): Loose[] => (parse(pack.get(ALERTING)!) as Loose).groups.flatMap(({ rules }: Loose) => rules);

  it('reports a Prometheus that does not answer Grafana by one rule, which covers nothing else', () => {
    const loud = grafanaRules().filter(({ noDataState, execErrState }) =>
      [noDataState, execErrState].includes('Alerting'),
    );
    expect(loud.map(({ title }) => title)).toEqual(GRAFANA_ONLY);
    expect(loud[0].for).toBe('1m30s');
    // A failed query keeps the labels and texts of the last result, so there must be none.
    const { runbook_url: _, ...texts } = loud[0].annotations;
    expect(JSON.stringify(texts)).not.toMatch(/\{\{/);
    expect(loud[0].data[0].model.expr).toBe('vector(1)');
  });

  it('checks in Grafana whether there is a value before it formats it', () => {
    const texts = grafanaRules().flatMap(({ annotations }) => Object.values<string>(annotations));
    const withValues = texts.filter((text) => text.includes('$values'));
    expect(withValues.length).toBeGreaterThan(5);
    for (const text of withValues) expect(text).toMatch(/^\{\{ if \$values\.A \}\}.*\{\{ else \}\}.+\{\{ end \}\}$/);
    for (const text of texts) expect(text).not.toMatch(/\$value\b/);
  });

  it('leaves a parameter out of a link if the alert lacks the label', () => {
    for (const { annotations } of grafanaRules()) {
      for (const url of [annotations.page_url, annotations.dashboard_url]) {
        expect(
          url.replaceAll(/\{\{ with \$labels\.\w+ \}\}[^{]*\{\{ \. \| urlquery \}\}\{\{ end \}\}/g, ''),
        ).not.toContain('{{');
      }
    }
  });

  it('links every rule to its panel by the annotations that Grafana reads', () => {
    for (const { annotations, title } of grafanaRules()) {
      const dashboard = parse(pack.get(`grafana/dashboards/${annotations.__dashboardUid__}.json`)!) as Loose;
      const panels = dashboard.panels.map(({ id }: Loose) => String(id));
      expect(panels, title).toContain(annotations.__panelId__);
    }
  });

  it('suppresses in Grafana, by the query, what Alertmanager suppresses by inhibition', () => {
    const inhibited = (parse(pack.get('alertmanager/alertmanager.yml')!) as Loose).inhibit_rules.flatMap(
      ({ target_matchers, equal }: Loose) =>
        /"(.*)"/
          .exec(target_matchers[0])![1]!
          .split('|')
          .map((name) => [name, (equal ?? []).join(', ')]),
    );
    const inQuery = grafanaRules().flatMap(({ title, data }) => {
      const on = /\nunless on \((.*)\) source:runbeat_schedulers_alive:judged < 1$/.exec(data[0].model.expr);
      return on ? [[title, on[1]]] : [];
    });
    expect(inhibited.length).toBeGreaterThan(5);
    expect(inQuery.sort()).toEqual(inhibited.sort());
  });

  it('ships no notification policy', () => {
    expect([...pack.values()].filter((text) => /^policies:/m.test(text))).toEqual([]);
  });

  it.each<[string, string, (content: Loose) => void, RegExp]>([
    [
      'a condition that names no query',
      ALERTING,
      (c) => (rule(c).condition = 'B'),
      /condition "B", which is none of its queries/,
    ],
    [
      'a comparison of a query that is not there',
      ALERTING,
      (c) => (rule(c).data[1].model.expression = 'X'),
      /compares "X"/,
    ],
    ['a key that Grafana would ignore', ALERTING, (c) => (rule(c).executionErrorState = 'OK'), /executionErrorState/],
    ['a state that Grafana does not know', ALERTING, (c) => (rule(c).noDataState = 'Ok'), /noDataState/],
    [
      'an interval that Grafana refuses',
      ALERTING,
      (c) => (c.groups[0].interval = '15s'),
      /interval: must be a multiple of 10 s/,
    ],
    ['a fraction of a second', ALERTING, (c) => (rule(c).data[0].relativeTimeRange.from = 0.5), /relativeTimeRange/],
    [
      'a range that ends before it starts',
      ALERTING,
      (c) => (rule(c).data[0].relativeTimeRange.to = 900),
      /from must lie before to/,
    ],
    [
      'an unknown data source',
      ALERTING,
      (c) => (rule(c).data[0].datasourceUid = 'prometheus'),
      /datasourceUid|Invalid input/,
    ],
    ['a uid that is too long', ALERTING, (c) => (rule(c).uid = 'x'.repeat(41)), /uid: must be at most 40/],
    [
      'a uid used twice',
      ALERTING,
      (c) => (rule(c, 1).uid = rule(c).uid),
      /rule uid runbeat-scheduler-down is used twice/,
    ],
    ['a panel without its dashboard', ALERTING, (c) => delete rule(c).annotations.__dashboardUid__, /__dashboardUid__/],
    [
      'a panel that is gone',
      ALERTING,
      (c) => (rule(c).annotations.__panelId__ = '4711'),
      /links to panel 4711 of runbeat-scheduler/,
    ],
    [
      'a summary that rule pages would show as a template',
      ALERTING,
      (c) => (rule(c).annotations.summary = '{{ $labels.source }} is down'),
      /summary: must be a plain sentence/,
    ],
    [
      'a value of a query that is not there',
      ALERTING,
      (c) => (rule(c).annotations.description = '{{ $values.Z.Value }}'),
      /shows the value of Z/,
    ],
    ["a policy, which would replace the user's", ALERTING, (c) => (c.policies = []), /policies/],
    [
      'a query variable that Grafana would expand',
      ALERTING,
      (c) => (rule(c).data[0].model.expr = 'up{job="$job"}'),
      /must not contain \$|Invalid input/,
    ],
    [
      'a metric that does not exist',
      'prometheus/rules/liveness.yml',
      (c) => (rule(c, 2).expr = 'runbeat_alive == 0'),
      /asks for "runbeat_alive"/,
    ],
    [
      'a record that nobody writes',
      'prometheus/rules/flows.yml',
      (c) => c.groups[0].rules.shift(),
      /asks for "dag:runbeat_runs:total"/,
    ],
    [
      'an alert without a runbook',
      'prometheus/rules/liveness.yml',
      (c) => delete rule(c, 3).annotations.runbook_url,
      /rules\.3/,
    ],
    [
      'a duration that is none',
      'prometheus/prometheus.yml',
      (c) => (c.scrape_configs[0].scrape_interval = '5'),
      /must be a duration/,
    ],
    [
      'an inhibition of an alert that does not exist',
      'alertmanager/alertmanager.yml',
      (c) => (c.inhibit_rules[0].target_matchers = ['alertname="Gone"']),
      /names the alert "Gone"/,
    ],
    [
      'a receiver that does not exist',
      'alertmanager/alertmanager.yml',
      (c) => (c.route.receiver = 'me'),
      /names the receiver "me"/,
    ],
    ['a data source without a uid', 'grafana/datasources/runbeat.yaml', (c) => delete c.datasources[0].uid, /uid/],
    ['orgId where Grafana reads org_id', 'grafana/plugins/runbeat.yaml', (c) => (c.apps[0].orgId = 1), /orgId/],
    ['a path that is no string', 'grafana/dashboards/runbeat.yaml', (c) => (c.providers[0].options.path = 1), /path/],
    ['a panel id used twice', DASHBOARD, (c) => (c.panels[1].id = c.panels[2].id), /panel id \d+ is used twice/],
    [
      'a panel that asks for a metric that is gone',
      DASHBOARD,
      (c) => (panel(c).targets[0].expr = 'runbeat_gone'),
      /panel "Schedulers alive" asks for "runbeat_gone"/,
    ],
    [
      'a panel that uses a variable that is gone',
      DASHBOARD,
      (c) => (c.templating.list = []),
      /uses \$source, which is no variable/,
    ],
    ['a panel that asks for nothing', DASHBOARD, (c) => (panel(c).targets = []), /asks for nothing/],
  ])('is refused for %s', (_, file, change, message) => {
    expect(lintPack(packWith(file, change)).join('\n')).toMatch(message);
  });
});
