import { describe, expect, it, vi } from 'vitest';
import type { LookupItem, Page } from '../../../shared/api.ts';
import type { ExporterApi, LookupParams } from '../../../src/data/exporterApi.ts';
import { chunkIds, findRuns, IDS_PER_REQUEST, MAX_ROWS } from '../../../src/lookup/findRuns.ts';

/** An exporter that has one run for each requested id, in the given pages. */
function exporter(pages: (params: LookupParams) => Page<LookupItem>) {
  const lookup = vi.fn(async (params: LookupParams) => pages(params));
  return { api: { lookup } as unknown as ExporterApi, lookup };
}

const itemsOf = (values: readonly string[]) => values.map((value) => ({ value }) as LookupItem);
const ids = (count: number) => Array.from({ length: count }, (_, at) => `${at}`);

describe('findRuns', () => {
  it('requests many ids in parts, keeps their order and reports its progress', async () => {
    const { api, lookup } = exporter(({ values }) => ({ items: itemsOf(values), next_cursor: null }));
    const progress: number[] = [];
    const found = await findRuns(api, { key: 'k', values: ids(1_050) }, undefined, (share) => progress.push(share));
    expect(found.items.map((item) => item.value)).toEqual(ids(1_050));
    expect(found.truncated).toBe(false);
    expect(lookup).toHaveBeenCalledTimes(11);
    expect(progress.at(-1)).toBe(1);
  });

  it('follows pages to their end', async () => {
    const { api } = exporter(({ cursor }) => ({
      items: itemsOf([cursor ?? 'first']),
      next_cursor: cursor === undefined ? 'second' : null,
    }));
    const found = await findRuns(api, { key: 'k', values: ['1'] });
    expect(found.items.map((item) => item.value)).toEqual(['first', 'second']);
  });

  it('stops at a number of rows that a table can hold, and says so', async () => {
    const { api } = exporter(({ values }) => ({ items: itemsOf(Array(500).fill(values[0])), next_cursor: 'more' }));
    const found = await findRuns(api, { key: 'k', values: ['1'] });
    expect(found).toMatchObject({ truncated: true });
    expect(found.items).toHaveLength(MAX_ROWS);
  });

  it('does not ask for ids that the exporter would refuse', async () => {
    const { api, lookup } = exporter(({ values }) => ({ items: itemsOf(values), next_cursor: null }));
    await findRuns(api, { key: 'k', values: ['x'.repeat(513), 'a\0b', 'good'] });
    expect(lookup.mock.calls.map(([params]) => params.values)).toEqual([['good']]);
  });

  it('sends no request if no valid id remains', async () => {
    const { api, lookup } = exporter(() => ({ items: [], next_cursor: null }));
    expect(await findRuns(api, { key: 'k', values: ['x'.repeat(600)] })).toEqual({ items: [], truncated: false });
    expect(lookup).not.toHaveBeenCalled();
  });
});

describe('chunkIds', () => {
  it.each([
    [0, []],
    [IDS_PER_REQUEST, [IDS_PER_REQUEST]],
    [IDS_PER_REQUEST + 1, [IDS_PER_REQUEST, 1]],
  ])('puts %i short ids into requests of %j', (count, sizes) => {
    expect(chunkIds(ids(count)).map((chunk) => chunk.length)).toEqual(sizes);
  });

  it('puts fewer long ids into one request, whose URL would grow too long', () => {
    const sizes = chunkIds(Array.from({ length: 100 }, () => '🦊'.repeat(40))).map((chunk) => chunk.length);
    expect(Math.max(...sizes)).toBeLessThan(15);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(100);
  });
});
