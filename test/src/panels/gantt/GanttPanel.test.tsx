import {
  dateTime,
  FieldType,
  getPanelDataSummary,
  LoadingState,
  toDataFrame,
  type DataFrame,
  type PanelProps,
} from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { fireEvent, render, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { GanttPanel, type GanttPanelOptions } from '../../../../src/panels/gantt/GanttPanel.tsx';
import { plugin } from '../../../../src/panels/gantt/module.tsx';
import { suggestGantt } from '../../../../src/panels/gantt/suggestions.ts';
import { taskUrl } from '../../../../src/panels/onTaskClick.ts';
import '../editorsRegistry.ts';

const tasks = (rows: number): DataFrame =>
  toDataFrame({
    fields: [
      { name: 'task_id', type: FieldType.string, values: ['a', 'b'].slice(0, rows) },
      { name: 'state', type: FieldType.string, values: ['success', 'failed'].slice(0, rows) },
      { name: 'start_date', type: FieldType.time, values: [1000, 2000].slice(0, rows) },
      { name: 'end_date', type: FieldType.time, values: [2000, 3000].slice(0, rows) },
    ],
  });
const journey = (rows: number): DataFrame =>
  toDataFrame({
    fields: [
      { name: 'source', type: FieldType.string, values: ['db', 'db'].slice(0, rows) },
      { name: 'dag_id', type: FieldType.string, values: ['arrivals', 'onboarding'].slice(0, rows) },
      { name: 'run_id', type: FieldType.string, values: ['r', 'r'].slice(0, rows) },
      { name: 'state', type: FieldType.string, values: ['success', 'success'].slice(0, rows) },
      { name: 'start_date', type: FieldType.time, values: [1000, 3000].slice(0, rows) },
      { name: 'end_date', type: FieldType.time, values: [2000, 4000].slice(0, rows) },
      { name: 'gap_from', type: FieldType.time, values: [null, 2000].slice(0, rows) },
    ],
  });
const series = toDataFrame({ fields: [{ name: 'time', type: FieldType.time, values: [1] }] });
const timeRange = { from: dateTime(1), to: dateTime(2), raw: { from: 'now-1h', to: 'now' } };

function panel(frames: DataFrame[]) {
  const props = {
    data: { series: frames, state: LoadingState.Done, timeRange },
    options: plugin.defaults as GanttPanelOptions,
    width: 800,
    height: 400,
    timeZone: 'utc',
    timeRange,
  } as unknown as PanelProps<GanttPanelOptions>;
  return render(<GanttPanel {...props} />);
}

describe('the Gantt panel', () => {
  it('draws the frames of a query', () => {
    panel([tasks(2)]);
    expect(screen.getAllByRole('row')).toHaveLength(2);
  });

  it('draws a journey, whose rows link to their run and not to a task', () => {
    panel([journey(2)]);
    expect(screen.getAllByRole('gridcell').map((cell) => cell.textContent)).toEqual([
      'arrivals · r, success, ran 1.00 s',
      'onboarding · r, success, ran 1.00 s, after a gap of 1.00 s',
    ]);
    fireEvent.click(screen.getAllByRole('gridcell')[1]!);
    expect(locationService.getLocation().pathname).toBe('/a/runbeat-observability-app/run');
    expect(locationService.getSearchObject()).toEqual({
      ...{ source: 'db', dag_id: 'onboarding', run_id: 'r', tab: 'gantt', from: '1', to: '2' },
    });
  });

  it.each([
    ['no data at all', [], 'No data'],
    ['data of another kind', [series], 'This data has no tasks over time'],
    ['a run without task instances', [tasks(0)], 'No task instances'],
    ['a journey without runs', [journey(0)], 'No runs'],
  ])('%s says what to do', (_, frames, title) => {
    panel(frames);
    expect(screen.getByText(title)).toBeTruthy();
  });

  it.each([
    ['tasks over time', [tasks(2)], true],
    ['tasks beside a time series', [series, tasks(1)], true],
    ['a journey', [journey(2)], true],
    ['a time series', [series], false],
    ['tasks without rows', [tasks(0)], false],
  ])('suggests itself for %s: %s', (_, frames, expected) => {
    const summary = getPanelDataSummary(frames);
    expect(Boolean(suggestGantt(summary)?.length)).toBe(expected);
  });

  it('has a default for every option', () => {
    expect(plugin.defaults).toMatchObject({ sort: 'start', timeAxis: 'clock', groupMappedAbove: 5, onClick: 'run' });
  });

  it('links to the run with the task and the time range', () => {
    const task = { source: 'eu west', dagId: 'onboarding', runId: 'manual__2026-03-14T02:59:30+00:00', taskId: 'a b' };
    expect(taskUrl(task, 'gantt', timeRange)).toBe(
      '/a/runbeat-observability-app/run?source=eu%20west&dag_id=onboarding&run_id=manual__2026-03-14T02%3A59%3A30%2B00%3A00&tab=gantt&task=a+b&from=1&to=2',
    );
  });
});
