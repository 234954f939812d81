import {
  dateTime,
  FieldType,
  getPanelDataSummary,
  LoadingState,
  toDataFrame,
  type DataFrame,
  type PanelProps,
} from '@grafana/data';
import { fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { DagGraph } from '../../../../src/panels/graph/DagGraph.tsx';
import type { DagGraphProps } from '../../../../src/panels/graph/GraphView.tsx';
import { GraphPanel, type GraphPanelOptions } from '../../../../src/panels/graph/GraphPanel.tsx';
import { plugin } from '../../../../src/panels/graph/module.tsx';
import { suggestGraph } from '../../../../src/panels/graph/suggestions.ts';
import { graphFromRun } from '../../../../src/data/graphFromRun.ts';
import '../editorsRegistry.ts';
import { runOf } from '../plannedRun.ts';
import { failedOnboarding, layeredPlans, ONBOARDING } from '../plans.ts';

const model = graphFromRun(runOf(ONBOARDING));

async function draw(props: Partial<DagGraphProps> = {}) {
  render(<DagGraph model={model} width={1200} height={700} {...props} />);
  await waitFor(() => expect(document.querySelector('.react-flow')).not.toBeNull());
  // The frame appears before its nodes. A big graph is painted and has no nodes.
  if (!props.model) await waitFor(() => expect(nodes().length).toBeGreaterThan(0));
}
const view = () => screen.getByRole('group', { name: /^DAG of/ });
/** Tasks and collapsed groups; the boxes of open groups are nodes to React Flow as well. */
const nodes = () => document.querySelectorAll('.react-flow__node:not(.react-flow__node-box)');

describe('the graph', () => {
  it('shows each task with its state in words and its duration', async () => {
    await draw();
    expect(nodes()).toHaveLength(ONBOARDING.length);
    const node = screen.getByTitle('identity.match_face, success, took 5.20 s, try 3, on the critical path');
    expect(within(node).getByText('match_face')).toBeTruthy();
    expect(within(node).getByText('success · 5.20 s')).toBeTruthy();
    expect(within(node).getByText('try 3')).toBeTruthy();
  });

  it('selects a clicked task, and opens a clicked group', async () => {
    const onSelectTask = vi.fn();
    await draw({ onSelectTask, options: { groups: 'collapsed' } });
    fireEvent.click(screen.getByTitle(/^group credit, 7 tasks/));
    expect(onSelectTask).not.toHaveBeenCalled();
    await waitFor(() => expect(screen.getByTitle(/^credit.limit/)).toBeTruthy());
    fireEvent.click(screen.getByTitle(/^credit.limit/));
    expect(onSelectTask).toHaveBeenCalledExactlyOnceWith('credit.limit');
  });

  it('collapses and opens all groups', async () => {
    await draw();
    await userEvent.click(screen.getByRole('button', { name: 'Collapse groups' }));
    await waitFor(() => expect(nodes()).toHaveLength(ONBOARDING.length - 31 + 6));
    await userEvent.click(screen.getByRole('button', { name: 'Open groups' }));
    await waitFor(() => expect(nodes()).toHaveLength(ONBOARDING.length));
  });

  it('moves along the dependencies by arrow keys, and announces the position', async () => {
    const onSelectTask = vi.fn();
    await draw({ onSelectTask });
    fireEvent.keyDown(view(), { key: 'ArrowRight' });
    fireEvent.keyDown(view(), { key: 'ArrowRight' });
    fireEvent.keyDown(view(), { key: 'Enter' });
    const [taskId] = onSelectTask.mock.lastCall as [string];
    expect(['validate_payload', 'risk.device_fingerprint']).toContain(taskId);
    expect(view().querySelector('[aria-live]')?.textContent).toMatch(new RegExp(`^${taskId}, success`));
  });

  it('shows the number of matches', async () => {
    await draw();
    await userEvent.type(screen.getByLabelText('Find a task'), 'bureau');
    expect(screen.getByText('2 found')).toBeTruthy();
    await userEvent.type(screen.getByLabelText('Find a task'), 'x');
    expect(screen.getByText('none')).toBeTruthy();
  });

  it('moves to the slow starts', async () => {
    await draw({ options: { slowTransitionSeconds: 2 } });
    await userEvent.click(screen.getByRole('button', { name: /2 slow starts/ }));
    expect(view().querySelector('[aria-live]')?.textContent).toMatch(/^join_checks/);
    await userEvent.click(screen.getByRole('button', { name: /2 slow starts/ }));
    expect(view().querySelector('[aria-live]')?.textContent).toMatch(/^credit.request_bureau_a/);
  });

  it('has no button for slow starts if all tasks started in time', async () => {
    await draw({ options: { slowTransitionSeconds: 60 } });
    expect(screen.queryByRole('button', { name: /slow start/ })).toBeNull();
  });

  it('paints a thousand tasks instead of creating elements', async () => {
    await draw({ model: graphFromRun(runOf(layeredPlans(1000, 40))), options: { groups: 'expanded' } });
    // It opens with readable names. As a whole, it is painted.
    expect(nodes().length).toBeLessThan(60);
    expect(nodes().length).toBeGreaterThan(0);
    fireEvent.keyDown(view(), { key: '0' });
    await waitFor(() => expect(nodes()).toHaveLength(0));
    expect(document.querySelector('.react-flow canvas')).not.toBeNull();
    fireEvent.keyDown(view(), { key: 'ArrowRight' });
    expect(view().querySelector('[aria-live]')?.textContent).toMatch(/^stage_0/);
  });

  it('keeps the view when states change and the structure does not', async () => {
    const { rerender } = render(<DagGraph model={model} width={1200} height={700} />);
    await waitFor(() => expect(nodes()).toHaveLength(ONBOARDING.length));
    const pane = () => document.querySelector<HTMLElement>('.react-flow__viewport')!.style.transform;
    const before = pane();
    rerender(<DagGraph model={graphFromRun(failedOnboarding())} width={1200} height={700} />);
    await waitFor(() => expect(screen.getByTitle(/^credit.limit, failed/)).toBeTruthy());
    expect(pane()).toBe(before);
  });

  it.each([
    ['one task', [{ id: 'only' }], 1],
    ['none', [], 0],
  ])('%s is a graph, too', async (_, plans, count) => {
    render(<DagGraph model={graphFromRun(runOf(plans))} width={600} height={300} />);
    await waitFor(() => expect(nodes()).toHaveLength(count));
    expect(screen.queryByText('This run has no tasks to draw.') !== null).toBe(count === 0);
  });
});

const frame = (fields: Record<string, unknown[]>): DataFrame =>
  toDataFrame({ fields: Object.entries(fields).map(([name, values]) => ({ name, values, type: FieldType.string })) });
const nodesFrame = frame({ id: ['a', 'b'], state: ['success', 'failed'] });
const edgesFrame = frame({ id: ['1'], source: ['a'], target: ['b'], transition_seconds: [4] });
const foreignEdges = frame({ id: ['1'], source: ['a'], target: ['b'] });
const timeRange = { from: dateTime(1), to: dateTime(2), raw: { from: 'now-1h', to: 'now' } };

function panel(frames: DataFrame[]) {
  const props = {
    data: { series: frames, state: LoadingState.Done, timeRange },
    options: plugin.defaults as GraphPanelOptions,
    width: 800,
    height: 400,
    timeZone: 'utc',
    timeRange,
  } as unknown as PanelProps<GraphPanelOptions>;
  return render(<GraphPanel {...props} />);
}

describe('the graph panel', () => {
  it('draws the frames of a query', async () => {
    panel([nodesFrame, edgesFrame]);
    await waitFor(() => expect(nodes()).toHaveLength(2));
  });

  it.each([
    ['no data at all', [], 'No data'],
    ['data of another kind', [frame({ time: [1] })], 'This data has no graph'],
    ['a run without tasks', [frame({ id: [], state: [] })], 'No tasks'],
  ])('%s says what to do', (_, frames, title) => {
    panel(frames);
    expect(screen.getByText(title)).toBeTruthy();
  });

  it.each([
    ['a run', [nodesFrame, edgesFrame], 100],
    ['any other graph', [nodesFrame, foreignEdges], 50],
    ['nodes alone', [nodesFrame], undefined],
    ['edges alone', [edgesFrame], undefined],
    ['a table', [frame({ id: ['a'], name: ['b'] })], undefined],
  ])('suggests itself for %s with the score %s', (_, frames, score) => {
    expect(suggestGraph(getPanelDataSummary(frames))?.[0]?.score).toBe(score);
  });
});
