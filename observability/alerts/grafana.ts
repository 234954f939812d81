import { PROMETHEUS_DATASOURCE_UID } from '../../shared/grafana.ts';
import { PANELS } from '../panels.ts';
import { RECORDS } from '../../shared/records.ts';
import { duration } from '../promql/duration.ts';
import type { Thresholds } from '../thresholds.ts';
import { allAlerts } from './all.ts';
import { descriptionOf, type AlertDefinition, type RuleGroup } from './definition.ts';
import { linksOf } from './links.ts';

const FOLDER = 'Runbeat';
/** Grafana's scheduler ticks every 10 s and refuses intervals that are not multiples of it. */
const TICK_SECONDS = 10;
/** Time range of the query. An instant query only uses its end. */
const RANGE_SECONDS = 600;

/** Content of `provisioning/grafana/alerting/runbeat.yaml`. */
export function grafanaAlerting(thresholds: Thresholds): object {
  const group = (name: RuleGroup, seconds: number): object => ({
    orgId: 1,
    name: `runbeat-${name}`,
    folder: FOLDER,
    interval: duration(toTicks(seconds)),
    rules: allAlerts(thresholds)
      .filter((alert) => alert.group === name)
      .map((alert) => grafanaRule(alert, thresholds)),
  });
  return {
    apiVersion: 1,
    groups: [
      group('liveness', thresholds.scrape_interval),
      group('promises', thresholds.promise_interval),
      group('flows', thresholds.flow_interval),
    ],
  };
}

function grafanaRule(alert: AlertDefinition, thresholds: Thresholds): object {
  const annotations = { summary: alert.summary, description: descriptionOf(alert), ...linksOf(alert, thresholds) };
  return {
    uid: ruleUid(alert.name),
    title: alert.name,
    condition: 'C',
    data: [query(alert), threshold(alert)],
    noDataState: alert.onNoData,
    execErrState: alert.onError,
    // Grafana refuses a pending time shorter than the group's interval. Alerts that may be held back wait for one interval,
    // because the record that they check is some seconds younger than their own data.
    for: duration(Math.max(toTicks(alert.forSeconds), alert.heldBackOn ? TICK_SECONDS : 0)),
    labels: { severity: alert.severity, service: 'runbeat' },
    annotations: {
      ...Object.fromEntries(Object.entries(annotations).map(([name, text]) => [name, grafanaTemplate(text)])),
      ...panelOf(alert),
    },
    isPaused: false,
  };
}

/** A uid that does not depend on the title, so that a renamed rule keeps its state; at most 40 characters: letters, digits, - and _. */
export function ruleUid(name: string): string {
  return name.replace(/[a-z][A-Z]/g, ([low, high]) => `${low}-${high}`).toLowerCase();
}

/** The annotations by which Grafana finds a rule's panel, and shows the rule's state on it. */
function panelOf({ panel }: AlertDefinition): Record<string, string> {
  const { dashboard, id } = PANELS[panel];
  return { __dashboardUid__: dashboard, __panelId__: String(id) };
}

/** The query of the definition, without results while the alert is held back. In Alertmanager, inhibition does that. */
function expressionOf({ query: expr, heldBackOn }: AlertDefinition): string {
  if (!heldBackOn) return expr;
  return `(${expr})\nunless on (${heldBackOn.join(', ')}) ${RECORDS.schedulersJudged} < 1`;
}

function query(alert: AlertDefinition): object {
  const expr = expressionOf(alert);
  return {
    refId: 'A',
    relativeTimeRange: { from: RANGE_SECONDS, to: 0 },
    datasourceUid: PROMETHEUS_DATASOURCE_UID,
    model: {
      refId: 'A',
      expr,
      instant: true,
      range: false,
      editorMode: 'code',
      intervalMs: 1000,
      maxDataPoints: 43200,
    },
  };
}

function threshold({ condition }: AlertDefinition): object {
  const evaluator =
    'above' in condition ? { type: 'gt', params: [condition.above] } : { type: 'lt', params: [condition.below] };
  return {
    refId: 'C',
    relativeTimeRange: { from: RANGE_SECONDS, to: 0 },
    datasourceUid: '__expr__',
    model: {
      refId: 'C',
      type: 'threshold',
      datasource: { type: '__expr__', uid: '__expr__' },
      expression: 'A',
      conditions: [{ evaluator }],
    },
  };
}

/** Before the first answer of a query, and if the first queries fail, there is no value, and formatting it would be an error. */
function grafanaTemplate(text: string): string {
  if (!/\$value\b/.test(text)) return text;
  return `{{ if $values.A }}${text.replaceAll(/\$value\b/g, '$values.A.Value')}{{ else }}The query has not answered yet.{{ end }}`;
}

function toTicks(seconds: number): number {
  return Math.ceil(seconds / TICK_SECONDS) * TICK_SECONDS;
}
