import type { Page, PromiseSuggestion } from '../../shared/api.ts';
import { parseDuration, writeDuration } from '../promises/amounts.ts';
import { stringify } from 'yaml';
import type { KnownLimit } from '../sources/airflowLimits.ts';
import { sourceNamed, type ApiContext } from './context.ts';

const SECOND = 1e6;
const MOST_NAME = 100;

/** Limits that are defined in the observed Airflows for DAGs without an `ends_within` promise. An unreachable source has none. */
export async function promiseSuggestions(
  context: ApiContext,
  query: { source?: string | undefined },
): Promise<Page<PromiseSuggestion>> {
  const sources = query.source === undefined ? context.sources : [sourceNamed(context, query.source)];
  const found = await Promise.all(
    sources.map(async (source) => {
      if (!source.isUp) return [];
      const promised = new Set(
        source.promises.targets.filter(({ rule }) => rule.kind === 'ends_within').map(({ dag_id }) => dag_id),
      );
      const limits = await source.read((reader) => reader.limits()).catch((): KnownLimit[] => []);
      return limits
        .filter(({ dag_id }) => source.promises.dags.has(dag_id) && !promised.has(dag_id))
        .map((limit) => ({ ...limit, source: source.name }));
    }),
  );
  const names = context.sources.flatMap(({ promises }) => promises.targets.map(({ rule }) => rule.name));
  return { items: suggestionsOf(found.flat(), names), next_cursor: null };
}

/** Suggestions that can be copied into runbeat.yaml, all of them beside promises of the given names. */
export function suggestionsOf(
  limits: readonly (KnownLimit & { source: string })[],
  names: Iterable<string>,
): PromiseSuggestion[] {
  const taken = new Set(names);
  return limits.flatMap(({ source, dag_id, origin, seconds }) => {
    const limit = parseDuration(writeDuration(Math.round(seconds * SECOND)));
    if (typeof limit === 'string') return [];
    const name = freeName(`${dag_id} ${origin === 'deadline' ? 'meets its deadline' : 'ends in time'}`, taken);
    taken.add(name);
    const entry = { name, dags: { source, dag_id }, ends_within: writeDuration(limit), share: '95%' };
    return [{ source, dag_id, origin, limit_seconds: seconds, yaml: stringify([entry]) }];
  });
}

/** The wanted name as a promise may have it, with a number if there is another one. */
function freeName(wanted: string, taken: ReadonlySet<string>): string {
  const plain = [...wanted.replace(/["\\\p{Cc}\p{Surrogate}\u2028\u2029]/gu, '_').trim()];
  for (let number = 1; ; number++) {
    const end = number === 1 ? '' : ` ${number}`;
    const name =
      plain
        .slice(-(MOST_NAME - end.length))
        .join('')
        .trim() + end;
    if (!taken.has(name)) return name;
  }
}
