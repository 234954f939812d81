import { describe, expect, it } from 'vitest';
import type { DagState } from '../../../exporter/index/promiseRows.ts';
import type { PollFacts } from '../../../exporter/promises/pollFacts.ts';
import { parsePromises } from '../../../exporter/promises/parse.ts';
import type { PromiseRule } from '../../../exporter/promises/rules.ts';
import { Selection } from '../../../exporter/promises/selection.ts';
import { SourcePromises } from '../../../exporter/promises/sourcePromises.ts';
import type { DagRow } from '../../../exporter/sources/rows.ts';

const SECOND = 1e6;

function promisesTo(...dags: object[]): SourcePromises {
  const rules = rulesTo(...dags);
  return new SourcePromises('main', () => rules);
}

function rulesTo(...dags: object[]): readonly PromiseRule[] {
  const given = dags.map((selectors, at) => ({ name: `p${at}`, dags: selectors, ends_within: '1h', share: '95%' }));
  return parsePromises(given, { sources: ['main'], keys: [], pollUs: 2 * SECOND }).rules;
}

function rowsOf(dags: Record<string, Partial<DagRow>>): Map<string, DagRow> {
  return new Map(
    Object.entries(dags).map(([dag_id, row]) => [dag_id, { dag_id, owner: null, tags: [], ...row } as DagRow]),
  );
}

function judge(promises: SourcePromises, rows: ReadonlyMap<string, DagRow>): string[] {
  const runs = { settled: [], created: [], deleted: [], active: [] };
  const facts: PollFacts = { nowUs: SECOND, stampedUs: SECOND, readUntilUs: SECOND, historyFromUs: -Infinity, ...runs };
  promises.judge(rows, facts).accept();
  return promises.targets.map(({ rule, dag_id }) => `${rule.name} ${dag_id}`).sort();
}

describe('the DAGs of a promise', () => {
  it('are each found once by name, by pattern and by both', () => {
    const rows = rowsOf({ a: {}, b: {}, ab: { tags: ['t'] } });
    const promises = promisesTo({ dag_id: 'a' }, [{ dag_id: 'a' }, { dag_id: 'a*' }], [{ dag_id: 'b' }, { tag: 't' }]);
    expect(judge(promises, rows)).toEqual(['p0 a', 'p1 a', 'p1 ab', 'p2 ab', 'p2 b']);
  });

  it('must match everything in a selector, even if it names them', () => {
    const promises = promisesTo(
      [
        { dag_id: 'a', tag: 't' },
        { dag_id: 'a', source: 'main' },
      ],
      [{ dag_id: 'b', tag: 't' }],
    );
    expect(judge(promises, rowsOf({ a: {}, b: {} }))).toEqual(['p0 a']);
  });

  it('are matched again only if the DAGs that were read differ in what promises select by', () => {
    const promises = promisesTo({ dag_id: 'a' }, { tag: 't' }, { owner: 'o' });
    const before = judge(promises, rowsOf({ a: {}, b: {} }));
    const { targets } = promises;
    expect(judge(promises, rowsOf({ b: { is_paused: true }, a: {} }))).toEqual(before);
    expect(promises.targets).toBe(targets);
    expect(promises.dags.get('b')!.is_paused).toBe(true);
    expect(judge(promises, rowsOf({ a: {}, b: { tags: ['t'] } }))).toEqual(['p0 a', 'p1 b']);
    expect(judge(promises, rowsOf({ a: {}, b: { owner: 'o' } }))).toEqual(['p0 a', 'p2 b']);
    expect(judge(promises, rowsOf({ c: { owner: 'o' }, b: { owner: 'o' } }))).toEqual(['p2 b', 'p2 c']);
    expect(judge(promises, rowsOf({ c: { owner: 'o' } }))).toEqual(['p2 c']);
  });
});

describe('the selection of DAGs', () => {
  /** A DAG that notes that it was matched: only matching reads the tags of a DAG that promises select by tag. */
  function watchedDag(dag_id: string, tag: string, matched: string[]): DagState {
    const tags = new Proxy([tag], {
      get: (target, key) => {
        if (key === 'some') matched.push(dag_id);
        return Reflect.get(target, key) as unknown;
      },
    });
    return { dag_id, owner: null, tags } as unknown as DagState;
  }

  it('matches only DAGs that are new or have changed, until the rules change', () => {
    const selection = new Selection('main');
    const rules = rulesTo({ tag: 't*' });
    const matched: string[] = [];
    const select = (by: readonly PromiseRule[], dags: Record<string, string>): [string[][], string[]] => {
      matched.length = 0;
      const all = Object.entries(dags).map(([dag_id, tag]) => watchedDag(dag_id, tag, matched));
      return [selection.select(by, all), [...matched]];
    };
    expect(select(rules, { a: 't1', b: 'u' })).toEqual([[['a']], ['a', 'b']]);
    expect(select(rules, { b: 'u', a: 't1' })).toEqual([[['a']], []]);
    expect(select(rules, { c: 't2', a: 't1', b: 'u' })).toEqual([[['c', 'a']], ['c']]);
    expect(select(rules, { c: 't2', a: 't1', b: 't3' })).toEqual([[['c', 'a', 'b']], ['b']]);
    expect(select(rules, { a: 't1', b: 't3' })).toEqual([[['a', 'b']], []]);
    // A DAG that comes back is new.
    expect(select(rules, { a: 't1', c: 't2' })).toEqual([[['a', 'c']], ['c']]);
    expect(select(rulesTo({ tag: 'u' }), { a: 't1', c: 't2' })).toEqual([[[]], ['a', 'c']]);
  });
});
