import { parse } from 'yaml';
import type { z } from 'zod';
import type { Pack } from '../prometheusPack.ts';
import { catalogue } from '../promql/catalogue.ts';
import { dashboardFile } from '../schemas/dashboard.ts';
import {
  alertingFile,
  contactPointsFile,
  dashboardProvidersFile,
  datasourcesFile,
  pluginsFile,
} from '../schemas/grafana.ts';
import { alertmanagerConfig, prometheusConfig, ruleFile } from '../schemas/prometheus.ts';
import { lintAlertmanager } from './alertmanager.ts';
import { lintDashboard } from './dashboard.ts';
import { lintGrafanaAlerting } from './grafanaAlerting.ts';
import { lintRules } from './rules.ts';

/**
 * All problems in a pack, each with its file. Empty if Prometheus, Alertmanager and Grafana can load it and all references in it exist.
 * Grafana itself ignores unknown keys, does not start with invalid values, and only notices a dangling reference when the alert is
 * evaluated.
 */
export function lintPack(pack: Pack): string[] {
  const problems: string[] = [];
  const files = (pattern: RegExp): [string, unknown][] =>
    [...pack].filter(([name]) => pattern.test(name)).map(([name, text]) => [name, parse(text) as unknown]);
  /** The matching files, validated against a schema. Invalid files are reported and omitted. */
  const read = <Schema extends z.ZodType>(pattern: RegExp, schema: Schema): [string, z.output<Schema>][] =>
    files(pattern).flatMap(([name, content]) => {
      const result = schema.safeParse(content);
      if (result.success) return [[name, result.data] as [string, z.output<Schema>]];
      for (const { path, message } of result.error.issues) problems.push(`${name}: ${path.join('.')}: ${message}`);
      return [];
    });
  const check = <File>(found: [string, File][], lint: (file: File) => string[]): void => {
    for (const [name, file] of found) problems.push(...lint(file).map((problem) => `${name}: ${problem}`));
  };

  const rules = read(/^prometheus\/rules\//, ruleFile);
  const dashboards = read(/^grafana\/dashboards\/.*\.json$/, dashboardFile);
  const known = catalogue(rules.flatMap(([, file]) => recordsOf(file)));
  check(rules, (file) => lintRules(file, known));
  check(read(/^alertmanager\//, alertmanagerConfig), (file) =>
    lintAlertmanager(file, rules.map(([, { groups }]) => groups).flat()),
  );
  check(read(/^grafana\/alerting\/runbeat/, alertingFile), (file) =>
    lintGrafanaAlerting(
      file,
      dashboards.map(([, d]) => d),
      known,
    ),
  );
  check(dashboards, (file) => lintDashboard(file, known));
  read(/^prometheus\/prometheus\.yml$/, prometheusConfig);
  read(/^grafana\/examples\/contact-points/, contactPointsFile);
  read(/^grafana\/datasources\//, datasourcesFile);
  read(/^grafana\/plugins\//, pluginsFile);
  read(/^grafana\/dashboards\/.*\.yaml$/, dashboardProvidersFile);
  return problems;
}

function recordsOf(file: z.output<typeof ruleFile>): string[] {
  return file.groups.flatMap(({ rules }) => rules.flatMap((rule) => ('record' in rule ? [rule.record] : [])));
}
