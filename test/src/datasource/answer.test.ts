import { describe, expect, it } from 'vitest';
import type { DagSummary, RunSummary } from '../../../shared/api.ts';
import type { ExporterApi } from '../../../src/data/exporterApi.ts';
import { answer } from '../../../src/datasource/answer.ts';
import { namesOf } from '../../../src/datasource/interpolate.ts';
import { optionsOf } from '../../../src/datasource/variables.ts';

const dagIds = Array.from({ length: 400 }, (_, at) => `dag_${at}`);

describe('a query for the DAGs of a variable', () => {
  const asked: object[] = [];
  const runOf = (dag_id: string) => ({ dag_id, run_id: 'r', keys: {}, links: { graph: '', gantt: '' } });
  const api = {
    runs: async (query: { dagId?: string; cursor?: string; limit: number }) => {
      asked.push(query);
      const items = (query.dagId ? [query.dagId] : ['unchosen', ...dagIds.slice(0, 3)]).map(runOf);
      return { items: items as unknown as RunSummary[], next_cursor: query.dagId ? null : 'more' };
    },
  } as unknown as ExporterApi;
  const rowsOf = async (chosen: readonly string[]) => {
    asked.length = 0;
    const query = { refId: 'A', queryType: 'runs' as const, values: [], sources: [], runIds: [], limit: 5 };
    const signal = new AbortController().signal;
    const [frame] = await answer({ api, query: { ...query, dagIds: [...chosen] }, range: {}, signal });
    return frame!.fields.find(({ name }) => name === 'dag_id')!.values;
  };

  it('sends a query for each of a few', async () => {
    expect(await rowsOf(['a', 'b'])).toEqual(['a', 'b']);
    expect(asked).toHaveLength(2);
  });

  it('sends one query for hundreds, page by page, and selects theirs', async () => {
    expect(await rowsOf(dagIds)).toEqual(['dag_0', 'dag_1', 'dag_2', 'dag_0', 'dag_1']);
    expect(asked).toMatchObject([{ limit: 500 }, { limit: 500, cursor: 'more' }]);
  });

  it('stops after some pages if it finds nothing', async () => {
    expect(await rowsOf(dagIds.slice(100))).toEqual([]);
    expect(asked).toHaveLength(20);
  });
});

describe('the options of a dashboard variable', () => {
  const dag = (source: string, dag_id: string) => ({ source, dag_id }) as DagSummary;
  const api = {
    dags: async () => ({
      items: [dag('eu', 'a'), dag('us', 'a'), dag('us', 'b'), dag('asia', 'c')],
      next_cursor: null,
    }),
    keys: async ({ key }: { key?: string }) => ({ items: [{ key: key ?? 'any', values: [`of ${key ?? 'any'}`] }] }),
  } as unknown as ExporterApi;
  const asked = { kind: 'dags' as const, sources: [], keys: [], range: {} };

  it('are the DAGs of several sources, or of all', async () => {
    expect(await optionsOf(api, asked)).toEqual(['a', 'b', 'c']);
    expect(await optionsOf(api, { ...asked, sources: ['eu', 'us'] })).toEqual(['a', 'b']);
  });

  it('are the values of several keys, or of all', async () => {
    expect(await optionsOf(api, { ...asked, kind: 'values', keys: ['x', 'y'] })).toEqual(['of x', 'of y']);
    expect(await optionsOf(api, { ...asked, kind: 'values' })).toEqual(['of any']);
  });

  it.each([
    ['several sources', ['eu', 'us'], ['eu', 'us']],
    ['all', '.*', []],
    ['none yet', '$source', []],
  ])('depend on another variable with %s', (_, value, expected) => {
    expect(namesOf('$source', (_text, _scoped, format) => format(value), {})).toEqual(expected);
  });
});
