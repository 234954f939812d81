import type { PanelProps } from '@grafana/data';
import { useCallback, useMemo, useState, type ReactElement } from 'react';
import { runClick, type ClickOptions } from '../onTaskClick.ts';
import { PanelNotice, unanswered } from '../PanelNotice.tsx';
import { GanttChart, type TaskSelection } from './GanttChart.tsx';
import type { GanttOptions } from './options.ts';
import { ganttFromFrames, isRunTasksFrame } from './toModel.ts';

export type GanttPanelOptions = GanttOptions & ClickOptions;

/** The Gantt on a dashboard, from the frames of a "Run tasks" query. */
export function GanttPanel({
  data,
  options,
  width,
  height,
  timeZone,
  timeRange,
}: PanelProps<GanttPanelOptions>): ReactElement {
  const model = useMemo(() => ganttFromFrames(data.series), [data.series]);
  const [selected, setSelected] = useState<string | null>(null);
  const onSelectTask = useCallback(
    (task: TaskSelection) => {
      setSelected(task.taskId);
      runClick(task, options, 'gantt', timeRange);
    },
    [options, timeRange],
  );
  if (!data.series.some(isRunTasksFrame)) return unanswered(data) ?? <WrongData empty={data.series.length === 0} />;
  if (model.tasks.length === 0) {
    return (
      <PanelNotice icon="info-circle" title="No task instances">
        The query found no run, or the run has no task instances yet.
      </PanelNotice>
    );
  }
  return (
    <GanttChart
      model={model}
      width={width}
      height={height}
      timeZone={timeZone}
      options={options}
      selectedTaskId={selected}
      onSelectTask={onSelectTask}
    />
  );
}

function WrongData({ empty }: { empty: boolean }): ReactElement {
  return (
    <PanelNotice icon="bars" title={empty ? 'No data' : 'This data has no tasks over time'}>
      Choose the query type <strong>Run tasks</strong> of the Runbeat data source and a run. Any other data works that
      has the fields task_id, start_date and end_date.
    </PanelNotice>
  );
}
