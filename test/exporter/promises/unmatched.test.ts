import { beforeEach, describe, expect, it } from 'vitest';
import type { DagState } from '../../../exporter/index/promiseRows.ts';
import type { DagSelector, PromiseRule } from '../../../exporter/promises/rules.ts';
import { Unmatched } from '../../../exporter/promises/unmatched.ts';

type Dag = Pick<DagState, 'dag_id' | 'tags' | 'owner'>;

let unmatched: Unmatched;

beforeEach(() => {
  unmatched = new Unmatched();
});

function dag(dag_id: string, tags: string[] = []): Dag {
  return { dag_id, tags, owner: null };
}

function rule(name: string, ...dags: DagSelector[]): PromiseRule {
  return { name, dags, kind: 'succeeded_within', limitUs: 1 };
}

function warnings(rules: PromiseRule[], ...dags: Dag[]): string[] {
  const known = new Map(dags.map((one) => [one.dag_id, one as DagState]));
  return unmatched.warnings(rules, [{ name: 'prod', promises: { dags: known, keylessJourneys: [] } }]);
}

describe('warnings about names that match no DAG', () => {
  it('does not warn before a DAG is known', () => {
    expect(warnings([rule('late', { dag_id: 'flow' })])).toEqual([]);
  });

  it('knows names, patterns, tags and sources', () => {
    const rules = [
      rule('name', { dag_id: 'flow' }),
      rule('pattern', { dag_id: 'fl*' }),
      rule('tag', { tag: 'risk' }),
      rule('both', { tag: 'risk', dag_id: 'flow' }, { source: 'prod' }),
    ];
    expect(warnings(rules, dag('other'), dag('flow', ['risk']))).toEqual([]);
    expect(warnings([rule('elsewhere', { source: 'test', dag_id: 'flow' })], dag('flow'))).toHaveLength(1);
  });

  it('warns when the DAG that matched is gone or has lost its tag', () => {
    const rules = [rule('tag', { tag: 'risk' })];
    expect(warnings(rules, dag('flow', ['risk']))).toEqual([]);
    expect(warnings(rules, dag('flow', []), dag('other', ['risk']))).toEqual([]);
    expect(warnings(rules, dag('flow', ['risks']))).toEqual([
      'promise "tag": no DAG matches tag "risk"; did you mean risks?',
    ]);
  });

  it('stops after a hundred warnings, and shows similar names in the first ten, if nothing in a large file matches', () => {
    const rules = Array.from({ length: 2_000 }, (_, at) => rule(`p${at}`, { dag_id: `flows_${at}` }));
    const said = warnings(rules, ...Array.from({ length: 2_000 }, (_, at) => dag(`flow_${at}`)));
    expect(said).toHaveLength(101);
    expect(said.filter((one) => one.includes('did you mean'))).toHaveLength(10);
    expect(said.at(-1)).toBe('more promises may match no DAG; correct these first');
  });
});
