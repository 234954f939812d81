import type { ScopedVars } from '@grafana/data';
import { idsOfVariable, parseIds } from '../lookup/parseIds.ts';
import { queryTypeOf, type QueryType, type RunsQuery } from './types.ts';

/** The part of `getTemplateSrv().replace` that is needed here. */
export type Replace = (text: string, scopedVars: ScopedVars, format: (value: unknown) => string) => string;

/** A query with its variables filled in. A list with only `undefined` means all. */
export interface AskedQuery extends Omit<RunsQuery, 'queryType' | 'values' | 'source' | 'dag_id' | 'run_id'> {
  queryType: QueryType;
  values: string[];
  /** Empty for all. */
  sources: string[];
  dagIds: (string | undefined)[];
  runIds: string[];
}

/** Values of a variable's "All"; `.*` and `.+` are the usual custom all values for Prometheus. */
const ALL = ['All', '.*', '.+'];

/** A reference to a variable that the dashboard does not have, or that has no value yet. */
const UNFILLED = /^\$(\w+|\{[^}]*\})$/;

/** The values in a text with variables. */
function listOf(text: string | undefined, replace: Replace, scopedVars: ScopedVars): string[] {
  return parseIds(replace(text ?? '', scopedVars, idsOfVariable)).filter((id) => !UNFILLED.test(id));
}

/** The same for names of sources, DAGs or keys; empty for all. */
export function namesOf(text: string | undefined, replace: Replace, scopedVars: ScopedVars): string[] {
  const names = listOf(text, replace, scopedVars);
  return names.some((name) => ALL.includes(name)) ? [] : names;
}

/** Fills in variables. A variable with several values becomes several ids, DAGs or runs; "All" means all. */
export function interpolate(query: RunsQuery, replace: Replace, scopedVars: ScopedVars): AskedQuery {
  const list = (text: string | undefined) => listOf(text, replace, scopedVars);
  const dagIds = namesOf(query.dag_id, replace, scopedVars);
  return {
    ...query,
    queryType: queryTypeOf(query),
    key: query.key && replace(query.key, scopedVars, idsOfVariable),
    values: list(query.values),
    sources: namesOf(query.source, replace, scopedVars),
    states: query.states?.flatMap((state) => list(state)).filter((state) => !ALL.includes(state)),
    dagIds: dagIds.length > 0 ? dagIds : [undefined],
    runIds: list(query.run_id),
  };
}

/** Fills in variables of a query that leaves the dashboard (for Explore). */
export function fillIn(query: RunsQuery, replace: Replace, scopedVars: ScopedVars): RunsQuery {
  const fill = (text: string | undefined) => text && replace(text, scopedVars, idsOfVariable);
  const { key, values, source, dag_id, run_id } = query;
  return {
    ...query,
    key: fill(key),
    values: fill(values),
    source: fill(source),
    dag_id: fill(dag_id),
    run_id: fill(run_id),
    states: query.states?.map((state) => replace(state, scopedVars, idsOfVariable)),
  };
}
