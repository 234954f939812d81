import { toDataFrame } from '@grafana/data';
import { render, screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { PromiseBreak, PromiseStatus } from '../../../shared/api.ts';
import type { JourneyPage, JourneyRun } from '../../../shared/journeys.ts';
import { journeyRuns } from '../../../src/data/journeyRuns.ts';
import { journeyFrame } from '../../../src/datasource/frames/journey.ts';
import { countRuns } from '../../../src/pages/journey/JourneyPage.tsx';
import { JourneyVerdict } from '../../../src/pages/journey/JourneyPromises.tsx';
import { isJourneyFrame, journeyFromFrames, journeyGantt } from '../../../src/panels/gantt/journeyModel.ts';
import { GanttChart } from '../../../src/panels/gantt/GanttChart.tsx';

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();
const ms = (second: number): number => Date.parse(at(second));

function run(dag_id: string, fields: Partial<JourneyRun> = {}): JourneyRun {
  const links = { graph: '', gantt: '', external: null };
  return {
    ...{ source: 'db', dag_id, run_id: 'r', run_type: 'manual', logical_date: null, state: 'success' },
    ...{ queued_at: at(0), start_date: at(1), end_date: at(4), duration_seconds: 3, queue_seconds: 1, now: at(100) },
    ...{ expected_end: null, waiting: null, keys: {}, gone: false, links, parents: [], gap: null },
    ...fields,
  };
}

const first = run('arrivals');
const second = run('onboarding', {
  ...{ queued_at: at(10), start_date: at(11), end_date: at(20) },
  gap: { from: at(4), to: at(11), seconds: 7 },
  parents: [{ source: 'db', dag_id: 'arrivals', run_id: 'r', found_by: 'triggered_by' }],
});
const queued = run('decision', {
  ...{ state: 'queued', queued_at: at(30), start_date: null, end_date: null, duration_seconds: null },
  gap: { from: at(20), to: null, seconds: 80 },
});

describe('a journey on one time axis', () => {
  it('shows the gap before a run, its time in the queue and its work', () => {
    const { tasks, start, end, live } = journeyGantt([first, second]);
    expect(tasks.map((task) => task.attempts[0]!.segments)).toEqual([
      [
        { kind: 'slot', from: ms(0), to: ms(1) },
        { kind: 'running', from: ms(1), to: ms(4) },
      ],
      [
        { kind: 'gap', from: ms(4), to: ms(10) },
        { kind: 'slot', from: ms(10), to: ms(11) },
        { kind: 'running', from: ms(11), to: ms(20) },
      ],
    ]);
    expect({ start, end, live }).toEqual({ start: ms(0), end: ms(20), live: false });
  });

  it('names the source of a run where there are several, in which runs may have the same name', () => {
    const labels = (...runs: JourneyRun[]) => journeyGantt(runs).tasks.map(({ taskId }) => taskId);
    expect(labels(first, second)).toEqual(['arrivals · r', 'onboarding · r']);
    expect(labels(first, { ...first, source: 'eu' })).toEqual(['db · arrivals · r', 'eu · arrivals · r']);
  });

  it('is the same from the frames of a query, whatever other frames a dashboard adds', () => {
    const other = toDataFrame({ fields: [{ name: 'time', values: [1] }] });
    const page = (items: JourneyRun[]): JourneyPage => ({
      ...{
        key: 'user_id',
        value: '42',
        items,
        ancestors: [first],
        descendants: [],
        next_cursor: null,
        notes: ['a note'],
        total: null,
      },
    });
    const model = journeyFromFrames([journeyFrame(page([second, queued])), other, journeyFrame(page([second]))]);
    const expected = journeyGantt([first, second, queued]);
    expect(model).toEqual({ ...expected, notes: ['a note', 'a note'] });
    expect(isJourneyFrame(other)).toBe(false);
  });

  it('says that only a part of it was requested', () => {
    const page = {
      key: 'k',
      value: 'v',
      items: [first],
      ancestors: [],
      descendants: [],
      next_cursor: 'next',
      notes: [],
      total: null,
    };
    expect(journeyFrame(page).meta!.notices).toEqual([
      { severity: 'warning', text: 'Only the first part of the journey is shown: the query has reached its limit.' },
    ]);
  });

  it('lists runs that its runs started among them, and waiting ones last', () => {
    const child = run('mail', { run_id: 'child', start_date: at(12) });
    const page = { key: 'k', value: 'v', next_cursor: null, notes: [], total: null };
    const runs = journeyRuns({ ...page, items: [second, queued], ancestors: [first], descendants: [child] });
    expect(runs.map((one) => one.dag_id)).toEqual(['arrivals', 'onboarding', 'mail', 'decision']);
  });

  it('counts the runs that it shows, and those among them with the key', () => {
    const page: JourneyPage = {
      ...{ key: 'k', value: 'v', items: [second], next_cursor: null, notes: [], total: null },
      ...{ ancestors: [first], descendants: [] },
    };
    expect(countRuns(page, 1)).toBe('2 runs, 1 of them with the key');
    expect(countRuns({ ...page, ancestors: [] }, 1)).toBe('1 run');
    expect(countRuns({ ...page, ancestors: [] }, 2_000)).toBe('2,000 runs');
  });

  it('says that it broke a promise, or will', () => {
    const page: JourneyPage = {
      ...{ key: 'user_id', value: '42', items: [second], next_cursor: null, notes: [], total: null },
      ...{ ancestors: [first], descendants: [] },
    };
    const links = { graph: '', gantt: '', external: null };
    const promise: PromiseStatus = {
      ...{ promise: 'decided', kind: 'journey', source: 'db', dag_id: 'onboarding', owner: null, tags: [] },
      ...{ limit_seconds: 180, share: 0.95, journey: { key: 'user_id', from: 'arrivals' }, done_by: null },
      ...{ state: 'kept', reason: '', due_at: null, remaining_seconds: null, overdue_seconds: 0, allowance: null },
      ...{ history: [], will_miss: [] },
    };
    const late = { run_id: 'r', expected_end: at(300), due_at: at(190), links };
    const broken: PromiseBreak = {
      ...{ promise: 'decided', kind: 'journey', source: 'db', dag_id: 'onboarding', at: at(190), run: null },
      ...{ day: null, journey: { key: 'user_id', value: '42' } },
    };
    const { rerender } = render(<JourneyVerdict journey={page} promise={promise} newest={undefined} />);
    expect(screen.queryByRole('alert')).toBeNull();
    rerender(<JourneyVerdict journey={page} promise={{ ...promise, will_miss: [late] }} newest={undefined} />);
    expect(screen.getByText('r will break the promise “decided”')).toBeTruthy();
    const ofOther = { ...promise, dag_id: 'other', will_miss: [late] };
    rerender(<JourneyVerdict journey={page} promise={ofOther} newest={undefined} />);
    expect(screen.queryByText(/will break/)).toBeNull();
    rerender(<JourneyVerdict journey={page} promise={promise} newest={broken} />);
    expect(screen.getByText('Promise “decided” broken')).toBeTruthy();
    expect(screen.getByText(/No run of onboarding succeeded within 3 min of the arrival/)).toBeTruthy();
  });

  it('continues while a run waits or works', () => {
    const running = run('onboarding', { state: 'running', end_date: null });
    const model = journeyGantt([running, queued]);
    expect(model.live).toBe(true);
    expect(model.tasks.map((task) => [task.end, task.attempts[0]!.segments.at(-1)!])).toEqual([
      [null, { kind: 'running', from: ms(1), to: null }],
      [null, { kind: 'slot', from: ms(30), to: null }],
    ]);
  });

  it('says each run and its gap in words, a row a run, also for runs of one DAG', () => {
    const again = run('arrivals', { run_id: 'later', start_date: at(50), end_date: at(51), queued_at: at(49) });
    const model = journeyGantt([first, second, again]);
    render(<GanttChart model={model} width={900} height={400} timeZone="utc" options={{ showToolbar: false }} />);
    const grid = screen.getByRole('treegrid', { name: /^Runs over time/ });
    expect(
      within(grid)
        .getAllByRole('gridcell')
        .map((cell) => cell.textContent),
    ).toEqual([
      'arrivals · r, success, ran 3.00 s, queued 1.00 s for a slot',
      'onboarding · r, success, ran 9.00 s, after a gap of 6.00 s, queued 1.00 s for a slot',
      'arrivals · later, success, ran 1.00 s, queued 1.00 s for a slot',
    ]);
  });
});
