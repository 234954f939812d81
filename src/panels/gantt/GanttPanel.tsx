import type { DataFrame, PanelProps } from '@grafana/data';
import { useCallback, useMemo, useState, type ReactElement } from 'react';
import { RUN_TASKS_FIELDS } from '../../data/frameFields.ts';
import { missingFields } from '../missingFields.ts';
import { runClick, type ClickOptions } from '../onTaskClick.ts';
import { PanelNotice, unanswered } from '../PanelNotice.tsx';
import { GanttChart } from './GanttChart.tsx';
import type { TaskSelection } from './model.ts';
import type { GanttOptions } from './options.ts';
import { isJourneyFrame, journeyFromFrames } from './journeyModel.ts';
import { ganttFromFrames, isRunTasksFrame } from './toModel.ts';

export type GanttPanelOptions = GanttOptions & ClickOptions;

const NEEDED = [RUN_TASKS_FIELDS.taskId, RUN_TASKS_FIELDS.startDate];

/** The Gantt chart on a dashboard, from the frames of a "Run tasks" or a "Journey" query. */
export function GanttPanel({
  data,
  options,
  width,
  height,
  timeZone,
  timeRange,
}: PanelProps<GanttPanelOptions>): ReactElement {
  const hasTasks = data.series.some(isRunTasksFrame);
  const hasRuns = !hasTasks && data.series.some(isJourneyFrame);
  const model = useMemo(
    () => (hasRuns ? journeyFromFrames(data.series) : ganttFromFrames(data.series)),
    [data.series, hasRuns],
  );
  const [selected, setSelected] = useState<string | null>(null);
  const onSelectTask = useCallback(
    (task: TaskSelection) => {
      setSelected(task.taskId);
      // A row of a journey is a run, so no task is selected.
      runClick(hasRuns ? { ...task, taskId: '' } : task, options, 'gantt', timeRange);
    },
    [options, timeRange, hasRuns],
  );
  if (!hasTasks && !hasRuns) return unanswered(data) ?? <WrongData frames={data.series} />;
  if (model.tasks.length === 0) {
    return (
      <PanelNotice icon="info-circle" title={hasRuns ? 'No runs' : 'No task instances'}>
        {hasRuns ? 'No run has this id.' : 'The query found no run, or the run has no task instances yet.'}
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

function WrongData({ frames }: { frames: readonly DataFrame[] }): ReactElement {
  return (
    <PanelNotice icon="bars" title={frames.length === 0 ? 'No data' : 'This data has no tasks over time'}>
      Choose the query type <strong>Run tasks</strong> of the Runbeat data source and a run, or <strong>Journey</strong>{' '}
      and an id. Any other data works that has the fields task_id, start_date and end_date.{' '}
      {missingFields(frames, NEEDED)}
    </PanelNotice>
  );
}
