import type { Page, PromiseSuggestion } from '../../shared/api.ts';
import { writeDuration } from '../promises/amounts.ts';
import { stringify } from 'yaml';
import type { KnownLimit } from '../sources/airflowLimits.ts';
import { sourceNamed, type ApiContext } from './context.ts';

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
        .map((limit) => suggestionOf(source.name, limit));
    }),
  );
  return { items: found.flat(), next_cursor: null };
}

function suggestionOf(source: string, { dag_id, origin, seconds }: KnownLimit): PromiseSuggestion {
  const entry = {
    name: `${dag_id} ends in time`,
    dags: { source, dag_id },
    ends_within: writeDuration(seconds * 1e6),
    share: '95%',
  };
  return { source, dag_id, origin, limit_seconds: seconds, yaml: stringify([entry]) };
}
