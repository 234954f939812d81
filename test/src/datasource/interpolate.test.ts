import { describe, expect, it } from 'vitest';
import { isComplete } from '../../../src/datasource/answer.ts';
import { fillIn, interpolate, type Replace } from '../../../src/datasource/interpolate.ts';
import type { RunsQuery } from '../../../src/datasource/types.ts';

/** A dashboard with these variables, as Grafana's template service fills them in. */
const dashboard =
  (variables: Record<string, unknown>): Replace =>
  (text, _scoped, format) =>
    text.replace(/\$(\w+)/g, (match, name: string) => (name in variables ? format(variables[name]) : match));

const query = (part: Partial<RunsQuery>): RunsQuery => ({ refId: 'A', queryType: 'lookup', ...part });
const ask = (part: Partial<RunsQuery>, variables: Record<string, unknown> = {}) =>
  interpolate(query(part), dashboard(variables), {});

describe('interpolate', () => {
  it.each([undefined, '', 'range'])('takes a query of the type %j for what its editor shows', (queryType) => {
    expect(interpolate({ refId: 'A', queryType } as RunsQuery, dashboard({}), {}).queryType).toBe('runs');
  });

  it('turns a variable with several values into several ids, whatever characters they have', () => {
    expect(ask({ values: '$user' }, { user: ['1', 'a,b', 'c d'] }).values).toEqual(['1', 'a,b', 'c d']);
  });

  it('reads ids that a text box variable holds', () => {
    expect(ask({ values: '$user' }, { user: '1, 2' }).values).toEqual(['1', '2']);
  });

  it.each(['$__all', 'All', '.*', '.+'])('asks for all DAGs when the variable says %s', (all) => {
    expect(ask({ dag_id: '$dag' }, { dag: all, __all: '.*' }).dagIds).toEqual([undefined]);
  });

  it('queries each of several sources, and all if "All" is selected', () => {
    expect(ask({ source: '$source' }, { source: ['a', 'b'] }).sources).toEqual(['a', 'b']);
    expect(ask({ source: '$source' }, { source: '.*' }).sources).toEqual([]);
    expect(ask({}).sources).toEqual([]);
  });

  it('queries each of several DAGs', () => {
    expect(ask({ dag_id: '$dag' }, { dag: ['a', 'b'] }).dagIds).toEqual(['a', 'b']);
  });

  it('leaves out filters whose variable is missing', () => {
    const asked = ask({ queryType: 'run_tasks', dag_id: '$dag', run_id: '${run}' });
    expect(asked.runIds).toEqual([]);
    expect(isComplete(asked)).toBe(false);
  });
});

describe('isComplete', () => {
  it.each<[Partial<RunsQuery>, boolean]>([
    [{ queryType: 'lookup', key: 'user_id', values: '1' }, true],
    [{ queryType: 'lookup', key: 'user_id' }, false],
    [{ queryType: 'lookup', values: '1' }, false],
    [{ queryType: 'run_graph', dag_id: 'd', run_id: 'r' }, true],
    [{ queryType: 'run_graph', run_id: 'r' }, false],
    [{ queryType: 'runs' }, true],
    [{ queryType: 'outages' }, true],
  ])('%j: %s', (part, complete) => {
    expect(isComplete(ask(part))).toBe(complete);
  });
});

it('replaces variables of a query for Explore', () => {
  const filled = fillIn(
    query({ key: 'user_id', values: '$user', dag_id: '$dag' }),
    dashboard({ user: ['1', '2'], dag: 'd' }),
    {},
  );
  expect(filled).toMatchObject({ key: 'user_id', values: '1, 2', dag_id: 'd', queryType: 'lookup' });
});
