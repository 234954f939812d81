import { duration } from '../promql/duration.ts';
import { flowRecords, startRecords, taskRecords } from '../records/rules.ts';
import { burnRules, type RecordingRule } from '../records/burn.ts';
import type { Thresholds } from '../thresholds.ts';
import { allAlerts } from './all.ts';
import { alertExpression, descriptionOf, type AlertDefinition, type RuleGroup } from './definition.ts';
import { linksOf } from './links.ts';
import { sustainedRecord } from './liveness.ts';

export interface AlertingRule {
  alert: string;
  expr: string;
  for?: string;
  keep_firing_for?: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

export interface RuleFile {
  groups: { name: string; interval: string; rules: (AlertingRule | RecordingRule)[] }[];
}

/** The rule files by name. Records come before the alerts that read them, because rules of a group run in order. */
export function prometheusRules(thresholds: Thresholds): Record<string, RuleFile> {
  const alerts = (group: RuleGroup): (AlertingRule | RecordingRule)[] =>
    allAlerts(thresholds)
      .filter((alert) => alert.group === group && !alert.grafanaOnly)
      .flatMap((alert) => [
        ...(alert.record ? [{ record: alert.record, expr: alert.query }] : []),
        alertingRule(alert, thresholds),
      ]);
  const { scrape_interval, promise_interval, flow_interval } = thresholds;
  return {
    liveness: ruleFile([
      'liveness',
      scrape_interval,
      [...startRecords(), sustainedRecord(thresholds), ...alerts('liveness')],
    ]),
    flows: ruleFile(
      ['flows', flow_interval, [...flowRecords(thresholds), ...alerts('flows')]],
      ['promises', promise_interval, [...burnRules(thresholds), ...alerts('promises')]],
      ['tasks', 3 * flow_interval, taskRecords()],
    ),
  };
}

type Group = [name: string, intervalSeconds: number, rules: (AlertingRule | RecordingRule)[]];

function ruleFile(...groups: Group[]): RuleFile {
  return {
    groups: groups.map(([name, interval, rules]) => ({ name: `runbeat-${name}`, interval: duration(interval), rules })),
  };
}

function alertingRule(alert: AlertDefinition, thresholds: Thresholds): AlertingRule {
  return {
    alert: alert.name,
    expr: alertExpression(alert),
    ...(alert.forSeconds > 0 ? { for: duration(alert.forSeconds) } : {}),
    ...(alert.keepFiringSeconds ? { keep_firing_for: duration(alert.keepFiringSeconds) } : {}),
    labels: { severity: alert.severity, service: 'runbeat' },
    annotations: { summary: alert.summary, description: descriptionOf(alert), ...linksOf(alert, thresholds) },
  };
}
