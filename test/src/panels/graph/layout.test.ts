import { describe, expect, it } from 'vitest';
import { edgePath, labelPoint } from '../../../../src/panels/graph/edgePath.ts';
import { fold } from '../../../../src/panels/graph/fold.ts';
import { layoutGraph } from '../../../../src/panels/graph/layout/layoutGraph.ts';
import { crossings, orderLayers } from '../../../../src/panels/graph/layout/order.ts';
import type { Item, Layout, LayoutInput, Orientation } from '../../../../src/panels/graph/layout/types.ts';
import { layoutInput } from '../../../../src/panels/graph/toFlow.ts';
import { graphFromRun } from '../../../../src/data/graphFromRun.ts';
import { firstNode, step } from '../../../../src/panels/graph/walk.ts';
import { runOf, type TaskPlan } from '../plannedRun.ts';
import { layeredPlans, ONBOARDING } from '../plans.ts';

const inputOf = (plans: readonly TaskPlan[], orientation: Orientation = 'LR') =>
  layoutInput(fold(graphFromRun(runOf(plans)), new Set()), orientation);

/** Tasks spread over groups and groups in them, each after two earlier ones of any group. */
const TANGLED = Array.from({ length: 90 }, (_, at): TaskPlan => {
  const group = ['a', 'a.x', 'a.y', 'b', 'b.z', undefined][(at * 7) % 6];
  const upstreams = [...new Set([at - 1 - (at % 5), at - 3 - ((at * 11) % 9)])].filter((other) => other >= 0);
  return { id: `t${at}`, group, upstreams: upstreams.map((other) => `t${other}`), seconds: 1 };
});

function overlaps(input: LayoutInput, layout: Layout): string[] {
  const boxes = input.nodes.map((node) => ({ ...node, ...layout.nodes[node.id]! }));
  return boxes.flatMap((a, at) =>
    boxes
      .slice(at + 1)
      .filter((b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height)
      .map((b) => `${a.id} over ${b.id}`),
  );
}

const backwards = (input: LayoutInput, layout: Layout, along: 'x' | 'y') =>
  input.edges.filter((edge) => layout.nodes[edge.source]![along] >= layout.nodes[edge.target]![along]);

describe.each([
  ['40 tasks in groups', ONBOARDING],
  ['1,000 tasks', layeredPlans(1000, 40)],
  ['one task', [{ id: 'only' }]],
  ['two unconnected tasks', [{ id: 'a' }, { id: 'b' }]],
])('%s', (_, plans) => {
  it.each([
    ['LR', 'x'],
    ['TB', 'y'],
  ] as const)('%s: every task stands after its upstreams, none over another', (orientation, along) => {
    const input = inputOf(plans, orientation);
    const layout = layoutGraph(input);
    expect(Object.keys(layout.nodes)).toHaveLength(plans.length);
    expect(backwards(input, layout, along)).toEqual([]);
    expect(overlaps(input, layout)).toEqual([]);
  });
});

describe('groups', () => {
  it.each([
    ['onboarding', ONBOARDING, 'LR'],
    ['onboarding', ONBOARDING, 'TB'],
    ['groups in groups, whose edges cross each other and lead out and back', TANGLED, 'LR'],
    ['groups in groups, whose edges cross each other and lead out and back', TANGLED, 'TB'],
  ] as const)('a box holds its own tasks and no others: %s, %s', (_, plans, orientation) => {
    const input = inputOf(plans, orientation);
    const layout = layoutGraph(input);
    expect(Object.keys(layout.groups)).toHaveLength(input.groups.length);
    expect(overlaps(input, layout)).toEqual([]);
    const around = (group: string | null): string[] => {
      const parent = input.groups.find(({ id }) => id === group)?.parent ?? null;
      return group === null ? [] : [...around(parent), group];
    };
    const strangers = input.nodes.flatMap((node) => {
      const { x, y } = layout.nodes[node.id]!;
      const inside = Object.entries(layout.groups).filter(
        ([, box]) =>
          x < box.x + box.width && x + node.width > box.x && y < box.y + box.height && y + node.height > box.y,
      );
      return inside
        .map(([id]) => id)
        .sort()
        .join() === around(node.group).sort().join()
        ? []
        : [node.id];
    });
    expect(strangers).toEqual([]);
  });
});

describe('the layout', () => {
  const edge = (source: string, target: string) => ({ id: `${source}>${target}`, source, target });
  const input = (ids: string, edges: LayoutInput['edges']): LayoutInput => ({
    orientation: 'LR',
    groups: [],
    edges,
    nodes: [...ids].map((id) => ({ id, width: 100, height: 40, group: null })),
  });

  it('routes a long edge around the layers between', () => {
    const layout = layoutGraph(input('abc', [edge('a', 'b'), edge('b', 'c'), edge('a', 'c')]));
    expect(layout.bends['a>c']).toHaveLength(1);
    expect(layout.bends['a>b']).toBeUndefined();
    const { y } = layout.bends['a>c']![0]!;
    expect(y < layout.nodes.b!.y || y > layout.nodes.b!.y + 40).toBe(true);
  });

  it('places the tasks of a cycle and those after it', () => {
    const layout = layoutGraph(input('abc', [edge('a', 'b'), edge('b', 'a'), edge('b', 'c'), edge('c', 'c')]));
    expect(Object.keys(layout.nodes)).toEqual(['a', 'b', 'c']);
    expect(overlaps(input('abc', []), layout)).toEqual([]);
  });

  it('ignores an edge to a missing task', () => {
    expect(Object.keys(layoutGraph(input('a', [edge('a', 'gone')])).nodes)).toEqual(['a']);
  });

  it('avoids unnecessary crossings', () => {
    const items = [0, 0, 1, 1].map((layer): Item => ({ first: layer, last: layer, size: 10, links: [] }));
    for (const [from, to] of [
      [0, 3],
      [1, 2],
    ] as const) {
      items[from]!.links.push({ layer: 0, offset: 5, to, toLayer: 1, toOffset: 5 });
      items[to]!.links.push({ layer: 1, offset: 5, to: from, toLayer: 0, toOffset: 5 });
    }
    expect(
      crossings(items, [
        [0, 1],
        [2, 3],
      ]),
    ).toBe(1);
    expect(crossings(items, orderLayers(items))).toBe(0);
  });
});

describe('edges', () => {
  it('run along the layers where they begin and end', () => {
    const points = [
      { x: 0, y: 0 },
      { x: 100, y: 40 },
    ];
    expect(edgePath(points, 'LR')).toBe('M0,0C50,0 50,40 100,40');
    expect(edgePath(points, 'TB')).toBe('M0,0C0,20 100,20 100,40');
  });
  it('have their label before the target, on the line', () => {
    const label = labelPoint(
      [
        { x: 0, y: 0 },
        { x: 320, y: 50 },
      ],
      'LR',
    );
    expect(label.x).toBe(288);
    expect(label.y).toBeGreaterThan(40);
    const short = labelPoint(
      [
        { x: 0, y: 7 },
        { x: 20, y: 7 },
      ],
      'LR',
    );
    expect(short.x).toBeCloseTo(-12);
    expect(short.y).toBe(7);
  });
});

describe('walking by arrow keys', () => {
  const model = graphFromRun(runOf(ONBOARDING));
  const layout = layoutGraph(inputOf(ONBOARDING));
  const go = (from: string, direction: Parameters<typeof step>[1]) => step(from, direction, model.edges, layout, 'LR');

  it('starts at the first task', () => {
    expect(firstNode(layout, 'LR')).toBe('receive_application');
  });
  it('follows dependencies, and stops at the ends', () => {
    expect(go('decide_application', 'upstream')).toBe('join_checks');
    expect(go('publish_events', 'downstream')).toBe('finish');
    expect(go('finish', 'downstream')).toBeNull();
    expect(go('receive_application', 'upstream')).toBeNull();
  });
  it('goes to the neighbour in the same layer and back', () => {
    const below = go('manual_review', 'after') ?? go('manual_review', 'before')!;
    expect([go(below, 'before'), go(below, 'after')]).toContain('manual_review');
  });
  it('does nothing for a task that is not shown', () => {
    expect(go('gone', 'downstream')).toBeNull();
  });
});
