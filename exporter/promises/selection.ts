import type { DagState } from '../index/promiseRows.ts';
import { isSelectedAlike } from './dagBook.ts';
import { dagNamedBy, matches, type PromiseRule, type SelectableDag } from './rules.ts';

/** A DAG, and the rules with patterns that select it, by their places. */
interface Matched {
  dag: SelectableDag;
  rules: readonly number[];
}

/**
 * The DAGs that each rule selects. Matching thousands of patterns with thousands of DAGs takes a second, so the rules of a DAG are
 * remembered while the DAG is there and both stay as they are.
 */
export class Selection {
  private rules: readonly PromiseRule[] = [];
  /** The only DAGs that each rule can select; null for a rule with a pattern. */
  private names: readonly (ReadonlySet<string> | null)[] = [];
  private matched: ReadonlyMap<string, Matched> = new Map();

  constructor(private readonly source: string) {}

  /** For each rule its DAGs: in the order in which the rule names them or, if it has a pattern, in the order of the DAGs. */
  select(rules: readonly PromiseRule[], dags: Iterable<DagState>): string[][] {
    if (rules !== this.rules) this.take(rules);
    const patterned = this.names.flatMap((names, at) => (names === null ? [at] : []));
    const matched = new Map<string, Matched>();
    const selected = rules.map((): string[] => []);
    for (const { dag_id, owner, tags } of dags) {
      const known = this.matched.get(dag_id);
      const dag = { source: this.source, dag_id, owner, tags };
      const own =
        known && isSelectedAlike(known.dag, dag)
          ? known
          : { dag, rules: patterned.filter((at) => isSelected(dag, rules[at]!)) };
      matched.set(dag_id, own);
      for (const at of own.rules) selected[at]!.push(dag_id);
    }
    rules.forEach((rule, at) => {
      // A rule that names its DAGs need not look at all of them.
      for (const name of this.names[at] ?? []) {
        const dag = matched.get(name)?.dag;
        if (dag && isSelected(dag, rule)) selected[at]!.push(name);
      }
    });
    this.matched = matched;
    return selected;
  }

  private take(rules: readonly PromiseRule[]): void {
    this.rules = rules;
    this.names = rules.map(namesOf);
    this.matched = new Map();
  }
}

function isSelected(dag: SelectableDag, { dags }: PromiseRule): boolean {
  return dags.some((selector) => matches(selector, dag));
}

/** The only DAGs that a rule can select; null if it may select others. */
function namesOf({ dags }: PromiseRule): ReadonlySet<string> | null {
  const names = new Set(dags.map(dagNamedBy));
  return names.has(null) ? null : (names as Set<string>);
}
