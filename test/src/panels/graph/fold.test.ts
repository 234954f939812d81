import { describe, expect, it } from 'vitest';
import { fold, GROUP_ID, groupChain, groupSizes, initiallyCollapsed } from '../../../../src/panels/graph/fold.ts';
import type { GraphModel, GraphNode } from '../../../../src/data/graphModel.ts';
import { findNodes, focusOf, slowEdges } from '../../../../src/panels/graph/search.ts';
import { graphFromRun } from '../../../../src/data/graphFromRun.ts';
import { layoutGraph } from '../../../../src/panels/graph/layout/layoutGraph.ts';
import { layoutInput } from '../../../../src/panels/graph/toFlow.ts';
import { runOf } from '../plannedRun.ts';
import { failedOnboarding, layeredPlans, ONBOARDING } from '../plans.ts';

const model = graphFromRun(runOf(ONBOARDING));
const shownIds = (collapsed: string[]) => fold(model, new Set(collapsed)).nodes.map((node) => node.id);

describe('folding', () => {
  it('with nothing collapsed shows every task and every edge', () => {
    const shown = fold(model, new Set());
    expect(shown.nodes).toHaveLength(model.nodes.length);
    expect(shown.edges).toHaveLength(model.edges.length);
    expect(shown.openGroups.map((group) => group.id)).toEqual([
      'identity',
      'screening',
      'credit',
      'risk',
      'accounts',
      'notify',
    ]);
  });

  it('combines the tasks of a group into one node, and merges their edges', () => {
    const shown = fold(model, new Set(['credit']));
    expect(shown.nodes.filter((node) => node.id.includes('credit'))).toMatchObject([
      { kind: 'group', id: `${GROUP_ID}credit`, state: 'success', critical: false },
    ]);
    const into = shown.edges.filter((edge) => edge.target === `${GROUP_ID}credit`);
    expect(into).toHaveLength(1);
    expect(into[0]!.seconds).toBeGreaterThan(2.6);
    expect(shown.openGroups.some((group) => group.id === 'credit')).toBe(false);
  });

  it('a collapsed group shows the worst state in it', () => {
    const shown = fold(graphFromRun(failedOnboarding()), new Set(['credit', 'accounts']));
    expect(shown.nodes.filter((node) => node.kind === 'group').map((node) => [node.id, node.state])).toEqual([
      [`${GROUP_ID}credit`, 'failed'],
      [`${GROUP_ID}accounts`, 'upstream_failed'],
    ]);
  });

  it('collapsing a group hides the groups in it', () => {
    const node = (id: string, group: string | null): GraphNode => ({ ...model.nodes[0]!, id, group });
    const nested: GraphModel = {
      run: null,
      notes: [],
      edges: [],
      nodes: [node('x', 'a.b'), node('y', 'a'), node('z', null)],
    };
    expect(groupSizes(nested)).toEqual(
      new Map([
        ['a', 2],
        ['a.b', 1],
      ]),
    );
    expect(fold(nested, new Set(['a', 'a.b'])).nodes.map((each) => each.id)).toEqual(['z', `${GROUP_ID}a`]);
    expect(fold(nested, new Set(['a.b'])).openGroups).toEqual([{ id: 'a', parent: null, size: 2 }]);
  });

  it.each([
    [null, []],
    ['a', ['a']],
    ['a.b.c', ['a', 'a.b', 'a.b.c']],
  ])('the groups around %s', (group, chain) => {
    expect(groupChain(group)).toEqual(chain);
  });

  it.each([
    ['auto', ONBOARDING, false],
    ['auto', layeredPlans(1000, 40), true],
    ['expanded', layeredPlans(1000, 40), false],
    ['collapsed', ONBOARDING, true],
  ] as const)('%s decides by the size of the graph', (option, plans, collapsed) => {
    expect(initiallyCollapsed(graphFromRun(runOf(plans)), option).size > 0).toBe(collapsed);
  });
});

describe('finding', () => {
  it.each([
    ['a name', 'bureau', [], ['credit.request_bureau_a', 'credit.request_bureau_b']],
    ['a name in any case', 'BUREAU_A ', [], ['credit.request_bureau_a']],
    ['a task in a collapsed group', 'bureau', ['credit'], [`${GROUP_ID}credit`]],
    ['an operator', 'EmptyOp', [], ['finish']],
    ['what is not there', 'bureaux', [], []],
  ])('%s', (_, text, collapsed, expected) => {
    expect([...findNodes(fold(model, new Set(collapsed)), text)!]).toEqual(expected);
  });

  it('blanks find nothing', () => {
    expect(findNodes(fold(model, new Set()), '  ')).toBeNull();
  });

  it.each([
    [3, ['join_checks']],
    [2.5, ['join_checks', 'credit.request_bureau_a']],
    [60, []],
  ])('transitions above %s s, the longest first', (seconds, targets) => {
    expect(slowEdges(fold(model, new Set()), seconds).map((edge) => edge.target)).toEqual(targets);
  });

  it.each([
    ['what failed', failedOnboarding(), 'credit.limit'],
    ['what runs', runOf(ONBOARDING, 9), 'identity.read_passport'],
    ['the start of a successful run', runOf(ONBOARDING), 'receive_application'],
    ['nothing in a run without tasks', runOf([]), null],
  ])('looks first at %s', (_, detail, expected) => {
    const shown = fold(graphFromRun(detail), new Set());
    for (const orientation of ['LR', 'TB'] as const) {
      expect(focusOf(shown, layoutGraph(layoutInput(shown, orientation)), orientation)).toBe(expected);
    }
  });

  it('keeps the tasks outside of groups where they are', () => {
    expect(shownIds(['identity', 'credit'])).toContain('join_checks');
  });
});
