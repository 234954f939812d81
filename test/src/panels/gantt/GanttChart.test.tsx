import { act, fireEvent, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { GanttChart, type GanttChartProps } from '../../../../src/panels/gantt/GanttChart.tsx';
import { ganttFromRun } from '../../../../src/panels/gantt/toModel.ts';
import { RUN_START, runOf } from '../plannedRun.ts';
import { layeredPlans, ONBOARDING } from '../plans.ts';

const finished = ganttFromRun(runOf(ONBOARDING));

function draw(props: Partial<GanttChartProps> = {}) {
  return render(<GanttChart model={finished} width={1200} height={2000} timeZone="utc" {...props} />);
}
const grid = () => screen.getByRole('treegrid');
const active = () => document.getElementById(grid().getAttribute('aria-activedescendant') ?? '');

describe('the Gantt', () => {
  it('says in words what the bars show', () => {
    draw();
    const row = within(grid()).getByText(/^credit.request_bureau_a, success/);
    expect(row.textContent).toBe(
      'credit.request_bureau_a, success, ran 4.80 s, waited 20 ms for the scheduler, queued 2.60 s for a slot',
    );
    expect(within(grid()).getByText(/^identity.match_face/).textContent).toContain('try 3, on the critical path');
  });

  it('creates elements only for the visible rows', () => {
    draw({ model: ganttFromRun(runOf(layeredPlans(5000, 100))), height: 400 });
    expect(grid().getAttribute('aria-rowcount')).toBe('5000');
    expect(screen.getAllByRole('row').length).toBeLessThan(60);
  });

  it('moves from row to row by keyboard, and selects a task', () => {
    const onSelectTask = vi.fn();
    draw({ onSelectTask });
    fireEvent.keyDown(grid(), { key: 'ArrowDown' });
    fireEvent.keyDown(grid(), { key: 'ArrowDown' });
    expect(active()?.textContent).toContain('risk.device_fingerprint');
    fireEvent.keyDown(grid(), { key: 'Enter' });
    expect(onSelectTask).toHaveBeenCalledExactlyOnceWith({
      source: 'runbeat',
      dagId: 'onboarding',
      runId: 'manual__2026-03-14T02:59:30+00:00',
      taskId: 'risk.device_fingerprint',
      mapIndex: -1,
    });
    fireEvent.keyDown(grid(), { key: 'End' });
    expect(active()?.textContent).toContain('finish');
  });

  it('opens and closes a mapped task by keyboard', () => {
    draw();
    const folded = screen.getByRole('row', { name: /sanctions_list/ });
    expect(folded.getAttribute('aria-expanded')).toBe('false');
    fireEvent.click(folded);
    expect(screen.getAllByRole('row', { name: /sanctions_list/ })).toHaveLength(13);
    fireEvent.keyDown(grid(), { key: 'ArrowLeft' });
    expect(screen.getAllByRole('row', { name: /sanctions_list/ })).toHaveLength(1);
    fireEvent.keyDown(grid(), { key: 'ArrowRight' });
    expect(screen.getAllByRole('row', { name: /sanctions_list/ })).toHaveLength(13);
  });

  it('zooms by keyboard, and goes back to the whole run', () => {
    draw();
    const reset = () => screen.getByRole('button', { name: /Whole run/ });
    expect(reset()).toHaveProperty('disabled', true);
    fireEvent.keyDown(grid(), { key: '+' });
    expect(reset()).toHaveProperty('disabled', false);
    fireEvent.keyDown(grid(), { key: '0' });
    expect(reset()).toHaveProperty('disabled', true);
  });

  it('leaves other keys to Grafana', () => {
    const onKeyDown = vi.fn();
    render(
      <div onKeyDown={onKeyDown}>
        <GanttChart model={finished} width={800} height={400} timeZone="utc" />
      </div>,
    );
    fireEvent.keyDown(grid(), { key: 'e' });
    fireEvent.keyDown(grid(), { key: 'Escape' });
    fireEvent.keyDown(grid(), { key: '+', ctrlKey: true });
    expect(onKeyDown).toHaveBeenCalledTimes(3);
    fireEvent.keyDown(grid(), { key: '+' });
    expect(onKeyDown).toHaveBeenCalledTimes(3);
  });

  it('filters while the user types, counts the rest, and says when nothing matches', async () => {
    draw();
    await userEvent.type(screen.getByLabelText('Filter tasks'), 'bureau');
    expect(screen.getAllByRole('row')).toHaveLength(2);
    expect(screen.getByText('2 of 51')).toBeTruthy();
    await userEvent.type(screen.getByLabelText('Filter tasks'), 'x');
    expect(screen.getByText('No task matches the filter.')).toBeTruthy();
  });

  it('draws the now-line only while something is active', () => {
    const { unmount } = draw({ model: ganttFromRun(runOf(ONBOARDING, 9)), now: RUN_START + 9000 });
    expect(screen.getByText('now')).toBeTruthy();
    unmount();
    draw();
    expect(screen.queryByText('now')).toBeNull();
  });

  it('advances time by its own clock while something is active', () => {
    vi.useFakeTimers({ now: RUN_START + 9000 });
    try {
      draw({ model: ganttFromRun(runOf(ONBOARDING, 9)) });
      const words = () => within(grid()).getByText(/^credit.request_open_banking/).textContent;
      expect(words()).toContain('running, ran 7.04 s');
      act(() => vi.advanceTimersByTime(3000));
      expect(words()).toContain('running, ran 10.0 s');
    } finally {
      vi.useRealTimers();
    }
  });

  it.each([
    ['no task instances', runOf([]), 'This run has no task instances.'],
    ['nothing started', { ...runOf([{ id: 'a' }], -10), transitions: [] }, 'No task has started.'],
  ])('%s has its own message', (_, detail, words) => {
    const withoutStart = { ...detail, run: { ...detail.run, start_date: null } };
    draw({ model: ganttFromRun(withoutStart) });
    expect(screen.getByText(words)).toBeTruthy();
  });

  it('shows times in the selected zone, or the time since the start', () => {
    const { rerender } = draw({ timeZone: 'Asia/Tokyo' });
    expect(screen.getByText('11:59:30')).toBeTruthy();
    rerender(
      <GanttChart model={finished} width={1200} height={800} timeZone="utc" options={{ timeAxis: 'elapsed' }} />,
    );
    expect(screen.getByText('+0s')).toBeTruthy();
  });

  it('explains only the states that are in the run', () => {
    draw();
    const legend = screen.getByRole('list', { name: 'Legend' });
    expect(
      within(legend)
        .getAllByRole('listitem')
        .map((item) => item.textContent),
    ).toEqual([
      'waiting for the scheduler',
      'queued for a slot',
      'until the retry',
      'success',
      'skipped',
      'critical path',
    ]);
  });
});
