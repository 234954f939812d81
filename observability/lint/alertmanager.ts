import type { z } from 'zod';
import type { alertmanagerConfig, ruleFile } from '../schemas/prometheus.ts';

type Groups = z.output<typeof ruleFile>['groups'];

/** Problems in Alertmanager's configuration beyond its schema: receivers and alerts that do not exist. */
export function lintAlertmanager(config: z.output<typeof alertmanagerConfig>, groups: Groups): string[] {
  const problems: string[] = [];
  if (!config.receivers.some(({ name }) => name === config.route.receiver)) {
    problems.push(`the route names the receiver "${config.route.receiver}", which is not defined`);
  }
  const alerts = new Set(groups.flatMap(({ rules }) => rules.flatMap((rule) => ('alert' in rule ? [rule.alert] : []))));
  const matchers = config.inhibit_rules.flatMap((rule) => [...rule.source_matchers, ...rule.target_matchers]);
  for (const matcher of matchers) {
    for (const name of matcher.replace(/^alertname=~?"|"$/g, '').split('|')) {
      if (!alerts.has(name)) problems.push(`an inhibition names the alert "${name}", which is not defined`);
    }
  }
  return problems;
}
