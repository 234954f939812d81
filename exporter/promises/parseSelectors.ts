import { whatThereIs } from './nearest.ts';
import type { ParseContext, Report } from './parseContext.ts';
import type { DagSelector } from './rules.ts';

export type Given = Record<string, unknown>;

const SELECTOR = ['source', 'dag_id', 'tag', 'owner'] as const;

/** Parses DAGs, given as an entry or a list of entries. */
export function parseDags(given: unknown, place: string, context: ParseContext, report: Report): DagSelector[] {
  const all: unknown[] = Array.isArray(given) ? given : given === undefined || given === null ? [] : [given];
  if (all.length === 0) report(place, "is missing; name DAGs by source, dag_id (also 'prices_*'), tag or owner");
  return all.map((one, at) => parseSelector(one, Array.isArray(given) ? `${place}.${at}` : place, context, report));
}

function parseSelector(given: unknown, place: string, context: ParseContext, report: Report): DagSelector {
  if (typeof given === 'string' && given !== '') return { dag_id: given };
  if (!isObject(given) || Object.keys(given).length === 0) {
    report(place, 'must be a dag_id, or an entry with source, dag_id, tag or owner such as { tag: reporting }');
    return {};
  }
  for (const [key, value] of Object.entries(given)) {
    if (!SELECTOR.some((known) => known === key)) {
      report(`${place}.${key.slice(0, 60)}`, `is not known here${whatThereIs(key, SELECTOR)}`);
    } else if (typeof value !== 'string' || value === '') {
      report(`${place}.${key}`, 'must be a text; for several, use a list of entries');
    }
  }
  const selector = given as DagSelector;
  if (typeof selector.source === 'string' && !context.sources.includes(selector.source)) {
    const others = whatThereIs(selector.source, context.sources);
    report(`${place}.source`, `there is no source "${selector.source.slice(0, 60)}"${others}`);
  }
  return selector;
}

export function isObject(given: unknown): given is Given {
  return typeof given === 'object' && given !== null && !Array.isArray(given);
}
