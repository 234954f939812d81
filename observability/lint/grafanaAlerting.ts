import type { z } from 'zod';
import type { Catalogue } from '../promql/catalogue.ts';
import type { DashboardFile } from '../schemas/dashboard.ts';
import type { alertingFile, GrafanaRule } from '../schemas/grafana.ts';
import { lintExpression } from './expression.ts';
import { twice } from './twice.ts';

/** Problems in Grafana's alert rules beyond their schema: references that Grafana resolves only at evaluation. */
export function lintGrafanaAlerting(
  { groups }: z.output<typeof alertingFile>,
  dashboards: readonly DashboardFile[],
  known: Catalogue,
): string[] {
  const rules = groups.flatMap((group) => group.rules);
  return [
    ...twice(groups.map(({ name }) => name)).map((name) => `the group ${name} is defined twice`),
    ...twice(rules.map(({ uid }) => uid)).map((uid) => `the rule uid ${uid} is used twice`),
    ...twice(rules.map(({ title }) => title)).map((title) => `the title ${title} is used twice`),
    ...rules.flatMap((rule) =>
      [...lintQueries(rule, known), ...lintPanel(rule, dashboards), ...lintTemplates(rule)].map(
        (problem) => `${rule.title} ${problem}`,
      ),
    ),
  ];
}

function lintQueries({ condition, data }: GrafanaRule, known: Catalogue): string[] {
  const problems = twice(data.map(({ refId }) => refId)).map((refId) => `uses the refId ${refId} twice`);
  const refIds = new Set(data.map(({ refId }) => refId));
  if (!refIds.has(condition)) problems.push(`has the condition "${condition}", which is none of its queries`);
  for (const { refId, model } of data) {
    if (model.refId !== refId) problems.push(`has a query ${refId} whose model says ${model.refId}`);
    if ('expr' in model) problems.push(...lintExpression(model.expr, known));
    else if (!refIds.has(model.expression) || model.expression === refId) {
      problems.push(`compares "${model.expression}", which is none of its other queries`);
    }
  }
  return problems;
}

function lintPanel({ annotations }: GrafanaRule, dashboards: readonly DashboardFile[]): string[] {
  const { __dashboardUid__: dashboardUid, __panelId__: panelId } = annotations;
  const dashboard = dashboards.find(({ uid }) => uid === dashboardUid);
  if (!dashboard) return [`links to the dashboard ${dashboardUid}, which is not provisioned`];
  if (dashboard.panels.some(({ id }) => String(id) === panelId)) return [];
  return [`links to panel ${panelId} of ${dashboardUid}, which has none with that id`];
}

function lintTemplates({ data, annotations }: GrafanaRule): string[] {
  const values = Object.values(annotations)
    .join('\n')
    .matchAll(/\$values\.(\w+)/g);
  return [...values].flatMap(([, refId]) =>
    data.some((query) => query.refId === refId) ? [] : [`shows the value of ${refId}, which is none of its queries`],
  );
}
