import { parser } from '@prometheus-io/lezer-promql';

/** The metrics and labels that a PromQL expression uses. */
export interface Inspection {
  /** Position and text of parts that could not be parsed. */
  syntaxErrors: string[];
  selectors: { metric: string; matchers: string[] }[];
  /** Labels named in by, without, on, ignoring and group_left/right. */
  groupingLabels: string[];
}

/** Parses PromQL with Prometheus's own grammar (the one of its web UI). */
export function inspect(expression: string): Inspection {
  const found: Inspection = { syntaxErrors: [], selectors: [], groupingLabels: [] };
  const text = (node: { from: number; to: number }): string => expression.slice(node.from, node.to);
  let inGrouping = false;
  parser.parse(expression).iterate({
    enter(node) {
      if (node.type.isError) {
        found.syntaxErrors.push(`at character ${node.from + 1}: "${expression.slice(node.from, node.from + 20)}"`);
      } else if (node.name === 'VectorSelector') {
        const identifier = node.node.getChild('Identifier');
        found.selectors.push({ metric: identifier ? text(identifier) : '', matchers: [] });
      } else if (node.name === 'GroupingLabels') {
        inGrouping = true;
      } else if (node.name === 'LabelName') {
        (inGrouping ? found.groupingLabels : found.selectors.at(-1)!.matchers).push(text(node));
      }
    },
    leave(node) {
      if (node.name === 'GroupingLabels') inGrouping = false;
    },
  });
  return found;
}
