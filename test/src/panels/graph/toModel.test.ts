import { FieldType, toDataFrame } from '@grafana/data';
import { describe, expect, it } from 'vitest';
import { graphFromRun } from '../../../../src/data/graphFromRun.ts';
import { graphFromFrames } from '../../../../src/panels/graph/toModel.ts';
import { runOf } from '../plannedRun.ts';
import { ONBOARDING } from '../plans.ts';

const frame = (fields: Record<string, unknown[]>) =>
  toDataFrame({ fields: Object.entries(fields).map(([name, values]) => ({ name, values, type: FieldType.other })) });

describe('from the exporter', () => {
  const detail = runOf(ONBOARDING);
  const model = graphFromRun(detail);
  const edge = (source: string, target: string) =>
    model.edges.find((each) => each.source === source && each.target === target)!;

  it('has one node per task, with all instances of a mapped one', () => {
    expect(model.nodes).toHaveLength(ONBOARDING.length);
    expect(model.nodes.find((node) => node.id === 'screening.sanctions_list')).toMatchObject({
      instances: 12,
      state: 'success',
    });
  });

  it('labels only the edge from the upstream that was waited for', () => {
    expect(edge('identity.decide', 'join_checks').seconds).toBeCloseTo(3.6, 1);
    expect(edge('risk.model_score', 'join_checks').seconds).toBeNull();
  });

  it('follows the critical path along its own edges only', () => {
    const steps = detail.critical_path!.steps.map((step) => step.task_id);
    expect(model.edges.filter((each) => each.critical).map((each) => each.target)).toEqual(
      expect.arrayContaining(steps.slice(1)),
    );
    expect(model.edges.filter((each) => each.critical)).toHaveLength(steps.length - 1);
    expect(edge('identity.decide', 'archive_documents').critical).toBe(false);
  });

  it('takes the slowest of the instances of a mapped task', () => {
    const slowest = Math.max(
      ...detail.transitions.filter((each) => each.task_id === 'screening.sanctions_list').map((each) => each.seconds),
    );
    expect(edge('screening.normalise_names', 'screening.sanctions_list').seconds).toBe(slowest);
  });

  it('draws a task that the run has no instance of', () => {
    const grown = { ...detail, edges: [...detail.edges, { upstream_task_id: 'finish', downstream_task_id: 'added' }] };
    expect(graphFromRun(grown).nodes.at(-1)).toMatchObject({ id: 'added', state: null, instances: 1 });
  });

  it.each([
    ['failed', ['success', 'failed', 'running'], 'failed'],
    ['running before success', ['success', 'running'], 'running'],
    ['no status while some have none', ['success', null], null],
    ['success though some were skipped', ['success', 'skipped'], 'success'],
  ] as const)('a mapped task is in its most urgent state: %s', (_, states, expected) => {
    const task = detail.tasks[0]!;
    const tasks = states.map((state, at) => ({ ...task, map_index: at, state }));
    expect(graphFromRun({ ...detail, tasks, edges: [] }).nodes[0]!.state).toBe(expected);
  });
});

describe('from data frames', () => {
  const nodes = frame({
    id: ['a', 'b'],
    title: ['A', null],
    state: ['success', 'failed'],
    duration_seconds: [1.5, null],
  });
  const edges = frame({ id: ['1'], source: ['a'], target: ['b'], transition_seconds: [4.2], on_critical_path: [true] });

  it('reads nodes and edges in any order', () => {
    const model = graphFromFrames([edges, nodes]);
    expect(model.nodes.map((node) => [node.id, node.title, node.state, node.durationSeconds])).toEqual([
      ['a', 'A', 'success', 1.5],
      ['b', 'b', 'failed', null],
    ]);
    expect(model.edges).toMatchObject([{ source: 'a', target: 'b', seconds: 4.2, critical: true }]);
    expect(model.run).toBeNull();
  });

  it('knows the run if the frames name it', () => {
    const named = frame({ id: ['a'], state: ['success'], run_source: ['s'], dag_id: ['d'], run_id: ['r'] });
    expect(graphFromFrames([named])).toMatchObject({
      run: { source: 's', dagId: 'd', runId: 'r' },
      nodes: [{ id: 'a' }],
    });
  });

  it('creates nodes from the ends of edges if there are no others', () => {
    expect(graphFromFrames([edges]).nodes.map((node) => node.id)).toEqual(['a', 'b']);
  });

  it.each([
    ['a time series', { time: [1], value: [2] }],
    ['ids alone', { id: ['a'] }],
  ])('%s is not a graph', (_, fields) => {
    expect(graphFromFrames([frame(fields)])).toMatchObject({ nodes: [], edges: [] });
  });
});
