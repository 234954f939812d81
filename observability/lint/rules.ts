import type { z } from 'zod';
import type { Catalogue } from '../promql/catalogue.ts';
import type { ruleFile } from '../schemas/prometheus.ts';
import { lintExpression } from './expression.ts';
import { twice } from './twice.ts';

/** Problems in a Prometheus rule file beyond its schema. */
export function lintRules({ groups }: z.output<typeof ruleFile>, known: Catalogue): string[] {
  const rules = groups.flatMap((group) => group.rules);
  const names = rules.map((rule) => ('record' in rule ? rule.record : rule.alert));
  return [
    ...twice(names).map((name) => `${name} is defined twice`),
    ...rules.flatMap((rule) => {
      const name = 'record' in rule ? rule.record : rule.alert;
      return lintExpression(rule.expr, known).map((problem) => `${name} ${problem}`);
    }),
  ];
}
