import type { Catalogue } from '../promql/catalogue.ts';
import type { DashboardFile } from '../schemas/dashboard.ts';
import { withoutVariables } from '../promql/variables.ts';
import { lintExpression } from './expression.ts';
import { twice } from './twice.ts';

/** Problems in a dashboard beyond its schema. */
export function lintDashboard(dashboard: DashboardFile, known: Catalogue): string[] {
  const variables = new Set(dashboard.templating.list?.map(({ name }) => name));
  return [
    ...twice(dashboard.panels.map(({ id }) => id)).map((id) => `the panel id ${id} is used twice`),
    ...dashboard.panels.flatMap((panel) =>
      [
        ...twice(panel.targets.map(({ refId }) => refId)).map((refId) => `uses the refId ${refId} twice`),
        ...panel.targets.flatMap(({ expr }) => (expr === undefined ? [] : lintQuery(expr, variables, known))),
        ...(panel.type !== 'row' && panel.targets.length === 0 ? ['asks for nothing'] : []),
      ].map((problem) => `panel "${panel.title}" ${problem}`),
    ),
    ...(dashboard.templating.list ?? []).flatMap(({ name, query }) =>
      lintVariable(query, variables, known).map((problem) => `variable ${name} ${problem}`),
    ),
  ];
}

function lintQuery(expr: string, variables: ReadonlySet<string>, known: Catalogue): string[] {
  const { expression, used } = withoutVariables(expr);
  const unknown = used.filter((name) => !variables.has(name)).map((name) => `uses $${name}, which is no variable`);
  return [...unknown, ...lintExpression(expression, known)];
}

function lintVariable(query: unknown, variables: ReadonlySet<string>, known: Catalogue): string[] {
  const labelValues = /^label_values\((.*), (\w+)\)$/.exec(String(query));
  if (!labelValues) return [];
  return lintQuery(`group by (${labelValues[2]}) (${labelValues[1]})`, variables, known);
}
