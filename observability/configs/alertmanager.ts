import { allAlerts } from '../alerts/all.ts';
import { duration } from '../promql/duration.ts';
import type { Thresholds } from '../thresholds.ts';
import type { Endpoints } from './prometheus.ts';

const LEADER = 'RunbeatSchedulerDown';

/** Content of `provisioning/alertmanager/alertmanager.yml`. */
export function alertmanagerConfig(thresholds: Thresholds, { webhook }: Endpoints): object {
  return {
    route: {
      receiver: 'on-call',
      group_by: ['alertname', 'source'],
      group_wait: duration(thresholds.group_wait),
      group_interval: duration(thresholds.group_interval),
      repeat_interval: duration(thresholds.repeat_interval),
    },
    receivers: [{ name: 'on-call', webhook_configs: [{ url: webhook, send_resolved: true }] }],
    inhibit_rules: inhibitRules(thresholds),
  };
}

/** One inhibition rule for each set of labels that must be equal. Without such labels, any RunbeatSchedulerDown inhibits. */
function inhibitRules(thresholds: Thresholds): object[] {
  const targets = new Map<string, string[]>();
  for (const { name, heldBackOn } of allAlerts(thresholds)) {
    if (!heldBackOn) continue;
    const key = heldBackOn.join(',');
    targets.set(key, [...(targets.get(key) ?? []), name]);
  }
  return [...targets].map(([labels, names]) => ({
    source_matchers: [`alertname="${LEADER}"`],
    target_matchers: [`alertname=~"${names.join('|')}"`],
    ...(labels === '' ? {} : { equal: labels.split(',') }),
  }));
}
