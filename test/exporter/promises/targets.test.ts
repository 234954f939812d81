import { describe, expect, it } from 'vitest';
import type { PollFacts } from '../../../exporter/promises/judgePoll.ts';
import { parsePromises } from '../../../exporter/promises/parse.ts';
import { SourcePromises } from '../../../exporter/promises/sourcePromises.ts';
import type { DagRow } from '../../../exporter/sources/rows.ts';

const SECOND = 1e6;

function promisesTo(...dags: object[]): SourcePromises {
  const given = dags.map((selectors, at) => ({ name: `p${at}`, dags: selectors, ends_within: '1h', share: '95%' }));
  const { rules } = parsePromises(given, { sources: ['main'], keys: [], pollUs: 2 * SECOND });
  return new SourcePromises('main', () => rules);
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
