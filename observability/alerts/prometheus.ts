import { duration } from '../promql/duration.ts';
import { flowRecords, startRecords } from '../records/rules.ts';
import type { RecordingRule } from '../records/burn.ts';
import type { Thresholds } from '../thresholds.ts';
import { allAlerts } from './all.ts';
import { alertExpression, type AlertDefinition, type RuleGroup } from './definition.ts';
import { linksOf } from './links.ts';

export interface AlertingRule {
  alert: string;
  expr: string;
  for?: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

export interface RuleFile {
  groups: { name: string; interval: string; rules: (AlertingRule | RecordingRule)[] }[];
}

/** The rule files by name. Records stand before the alerts that read them: rules of a group run in order. */
export function prometheusRules(thresholds: Thresholds): Record<string, RuleFile> {
  const alerts = (group: RuleGroup): AlertingRule[] =>
    allAlerts(thresholds)
      .filter((alert) => alert.group === group)
      .map((alert) => alertingRule(alert, thresholds));
  return {
    liveness: ruleFile('runbeat-liveness', thresholds.scrape_interval, [
      ...startRecords(thresholds),
      ...alerts('liveness'),
    ]),
    flows: ruleFile('runbeat-flows', thresholds.flow_interval, [...flowRecords(thresholds), ...alerts('flows')]),
  };
}

function ruleFile(name: string, interval: number, rules: (AlertingRule | RecordingRule)[]): RuleFile {
  return { groups: [{ name, interval: duration(interval), rules }] };
}

function alertingRule(alert: AlertDefinition, thresholds: Thresholds): AlertingRule {
  return {
    alert: alert.name,
    expr: alertExpression(alert),
    ...(alert.forSeconds > 0 ? { for: duration(alert.forSeconds) } : {}),
    labels: { severity: alert.severity, service: 'runbeat' },
    annotations: { summary: alert.summary, description: alert.description, ...linksOf(alert, thresholds) },
  };
}
