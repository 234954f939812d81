import type { Catalogue } from '../promql/catalogue.ts';
import { inspect } from '../promql/inspect.ts';

/** Problems in one of our PromQL expressions: syntax errors, and metrics and labels that do not exist. */
export function lintExpression(expression: string, catalogue: Catalogue): string[] {
  const { syntaxErrors, selectors, groupingLabels } = inspect(expression);
  if (syntaxErrors.length > 0) return syntaxErrors.map((error) => `is no PromQL ${error}`);
  const problems = selectors.flatMap(({ metric, matchers }) => lintSelector(metric, matchers, catalogue));
  const known = new Set(selectors.flatMap(({ metric }) => [...(catalogue.get(metric) ?? [])]));
  for (const label of groupingLabels) {
    if (!known.has(label)) problems.push(`groups by "${label}", which none of its metrics has`);
  }
  return problems;
}

function lintSelector(metric: string, matchers: string[], catalogue: Catalogue): string[] {
  const labels = catalogue.get(metric);
  if (!labels)
    return [`asks for "${metric}", which neither the exporter nor a recording rule serves${hint(metric, catalogue)}`];
  return matchers
    .filter((label) => !labels.has(label))
    .map((label) => `selects "${label}" of ${metric}, which has only ${[...labels].join(', ')}`);
}

/** A hint for the most common mistake: using a histogram by its plain name. */
function hint(metric: string, catalogue: Catalogue): string {
  return catalogue.has(`${metric}_bucket`) ? `; a histogram is read as ${metric}_bucket, _sum or _count` : '';
}
