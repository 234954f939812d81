import type { DagState } from '../index/promiseRows.ts';
import { didYouMean } from './nearest.ts';
import type { SourcePromises } from './sourcePromises.ts';
import { matches, ownersOf, type DagSelector, type PromiseRule } from './rules.ts';

interface KnownSource {
  name: string;
  promises: Pick<SourcePromises, 'dags' | 'keylessJourneys'>;
}

/** Warnings about names in promises that match nothing, as far as is known. */
export function unmatched(rules: readonly PromiseRule[], sources: readonly KnownSource[]): string[] {
  return [...unmatchedSelectors(rules, sources), ...sources.flatMap(keyless)];
}

function keyless({ name, promises }: KnownSource): string[] {
  return promises.keylessJourneys.map(
    ({ rule, lacking }) =>
      `promise "${rule.name}": no new run of ${rule.from.map(textOf).join(' or ')} in "${name}" has the key "${rule.key}" (${lacking} so far)`,
  );
}

/** A warning for each selector that matches no DAG, with similar names; none before any DAG is known. */
function unmatchedSelectors(rules: readonly PromiseRule[], sources: readonly KnownSource[]): string[] {
  const dags = sources.flatMap(({ name, promises }) =>
    [...promises.dags.values()].map((dag) => ({ ...dag, source: name })),
  );
  if (dags.length === 0) return [];
  return rules.flatMap((rule) =>
    [...rule.dags, ...('from' in rule ? rule.from : [])]
      .filter((selector) => !dags.some((dag) => matches(selector, dag)))
      .map((selector) => `promise "${rule.name}": no DAG matches ${textOf(selector)}${nearestTo(selector, dags)}`),
  );
}

export function textOf(selector: DagSelector): string {
  const parts = Object.entries(selector).map(([key, value]) => `${key} "${String(value)}"`);
  return parts.join(' and ');
}

function nearestTo({ dag_id, tag, owner }: DagSelector, dags: readonly (DagState & { source: string })[]): string {
  if (dag_id !== undefined)
    return didYouMean(
      dag_id,
      dags.map((dag) => dag.dag_id),
    );
  if (tag !== undefined)
    return didYouMean(
      tag,
      dags.flatMap((dag) => dag.tags),
    );
  return owner === undefined ? '' : didYouMean(owner, dags.flatMap(ownersOf));
}
