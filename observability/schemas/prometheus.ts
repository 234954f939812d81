import { z } from 'zod';
import { host, labels, promDuration } from './shared.ts';

/** The keys of Prometheus's rule files that we use (pkg/rulefmt). Unknown ones are refused, as promtool does. */
const recordingRule = z.strictObject({ record: z.string().regex(/^[a-z_]+:[a-z_]+:[a-z0-9_]+$/), expr: z.string() });

const alertingRule = z.strictObject({
  alert: z.string().regex(/^Runbeat[A-Za-z]+$/),
  expr: z.string(),
  for: promDuration.optional(),
  // Since Prometheus 2.42.
  keep_firing_for: promDuration.optional(),
  labels: labels.and(z.object({ severity: z.enum(['critical', 'warning']) })),
  annotations: labels.and(
    z.object({
      summary: z.string().regex(/^[^{}]*$/, 'must be a plain sentence: rule pages show it unexpanded'),
      description: z.string(),
      runbook_url: z.url(),
      dashboard_url: z.url(),
      page_url: z.url(),
    }),
  ),
});

export const ruleFile = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      interval: promDuration,
      rules: z.array(z.union([recordingRule, alertingRule])),
    }),
  ),
});

const staticConfigs = z.array(z.strictObject({ targets: z.array(host).min(1) })).length(1);

export const prometheusConfig = z.strictObject({
  global: z.strictObject({ scrape_interval: promDuration, evaluation_interval: promDuration }),
  rule_files: z.array(z.string()).min(1),
  alerting: z.strictObject({ alertmanagers: z.array(z.strictObject({ static_configs: staticConfigs })) }),
  scrape_configs: z.array(
    z.strictObject({
      job_name: z.string(),
      scrape_interval: promDuration.optional(),
      scrape_timeout: promDuration.optional(),
      static_configs: staticConfigs,
    }),
  ),
});

const matchers = z.array(z.string().regex(/^\w+=~?".+"$/)).min(1);

export const alertmanagerConfig = z.strictObject({
  route: z.strictObject({
    receiver: z.string(),
    group_by: z.array(z.string()),
    group_wait: promDuration,
    group_interval: promDuration,
    repeat_interval: promDuration,
  }),
  receivers: z.array(
    z.strictObject({
      name: z.string(),
      webhook_configs: z.array(z.strictObject({ url: z.url(), send_resolved: z.boolean() })),
    }),
  ),
  inhibit_rules: z.array(
    z.strictObject({ source_matchers: matchers, target_matchers: matchers, equal: z.array(z.string()).optional() }),
  ),
});
