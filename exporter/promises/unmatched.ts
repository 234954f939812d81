import type { DagState } from '../index/promiseRows.ts';
import { didYouMean } from './nearest.ts';
import type { SourcePromises } from './sourcePromises.ts';
import { dagNamedBy, matches, ownersOf, type DagSelector, type PromiseRule } from './rules.ts';

interface KnownSource {
  name: string;
  promises: Pick<SourcePromises, 'dags' | 'keylessJourneys'>;
}

/** After so many warnings, the other selectors are not checked. A file that is wrong throughout must not hold up the polls. */
const MOST_WARNINGS = 100;
/** Comparing a name with those of thousands of DAGs takes milliseconds, so only the first warnings show similar names. */
const MOST_SUGGESTIONS = 10;

/** Warns about names in promises that match nothing, as far as is known. */
export class Unmatched {
  /** A DAG that a selector has matched. It probably still does, so not all DAGs need to be searched again. */
  private readonly witnesses = new WeakMap<DagSelector, { source: string; dag_id: string }>();

  warnings(rules: readonly PromiseRule[], sources: readonly KnownSource[]): string[] {
    return [...this.ofSelectors(rules, sources), ...sources.flatMap(keyless)];
  }

  /** A warning for each selector that matches no DAG; none before any DAG is known. */
  private ofSelectors(rules: readonly PromiseRule[], sources: readonly KnownSource[]): string[] {
    if (sources.every(({ promises }) => promises.dags.size === 0)) return [];
    const warnings: string[] = [];
    for (const rule of rules) {
      for (const selector of [...rule.dags, ...('from' in rule ? rule.from : [])]) {
        if (this.isMatched(selector, sources)) continue;
        if (warnings.length === MOST_WARNINGS) {
          return [...warnings, 'more promises may match no DAG; correct these first'];
        }
        const similar = warnings.length < MOST_SUGGESTIONS ? nearestTo(selector, sources) : '';
        warnings.push(`promise "${rule.name}": no DAG matches ${textOf(selector)}${similar}`);
      }
    }
    return warnings;
  }

  private isMatched(selector: DagSelector, sources: readonly KnownSource[]): boolean {
    const witness = this.witnesses.get(selector);
    const name = dagNamedBy(selector);
    for (const { name: source, promises } of sources) {
      const likely = name ?? (witness?.source === source ? witness.dag_id : null);
      const dag = likely === null ? undefined : promises.dags.get(likely);
      if (dag && isMatch(selector, source, dag)) return true;
    }
    if (name !== null) return false;
    for (const { name: source, promises } of sources) {
      for (const dag of promises.dags.values()) {
        if (!isMatch(selector, source, dag)) continue;
        this.witnesses.set(selector, { source, dag_id: dag.dag_id });
        return true;
      }
    }
    return false;
  }
}

function isMatch(selector: DagSelector, source: string, { dag_id, owner, tags }: DagState): boolean {
  return matches(selector, { source, dag_id, owner, tags });
}

function keyless({ name, promises }: KnownSource): string[] {
  return promises.keylessJourneys.map(
    ({ rule, lacking }) =>
      `promise "${rule.name}": no new run of ${rule.from.map(textOf).join(' or ')} in "${name}" has the key "${rule.key}" (${lacking} so far)`,
  );
}

export function textOf(selector: DagSelector): string {
  const parts = Object.entries(selector).map(([key, value]) => `${key} "${String(value)}"`);
  return parts.join(' and ');
}

function nearestTo({ dag_id, tag, owner }: DagSelector, sources: readonly KnownSource[]): string {
  const known = (namesOf: (dag: DagState) => readonly string[]): string[] =>
    sources.flatMap(({ promises }) => [...promises.dags.values()].flatMap(namesOf));
  if (dag_id !== undefined)
    return didYouMean(
      dag_id,
      known((dag) => [dag.dag_id]),
    );
  if (tag !== undefined)
    return didYouMean(
      tag,
      known((dag) => dag.tags),
    );
  return owner === undefined ? '' : didYouMean(owner, known(ownersOf));
}
