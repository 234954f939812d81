import { useMemo } from 'react';
import type { RunDetail } from '../../../shared/api.ts';
import { Fill } from '../../components/Fill.tsx';
import { userTimeZone } from '../../components/timeZone.ts';
import { GanttChart } from '../../panels/gantt/GanttChart.tsx';
import { ganttFromRun } from '../../panels/gantt/toModel.ts';

interface Props {
  detail: RunDetail;
  selectedTask: string | null;
  onSelectTask: (taskId: string) => void;
}

export function GanttTab({ detail, selectedTask, onSelectTask }: Props) {
  const model = useMemo(() => ganttFromRun(detail), [detail]);
  return (
    <Fill>
      {(size) => (
        <GanttChart
          {...size}
          model={model}
          timeZone={userTimeZone()}
          selectedTaskId={selectedTask}
          onSelectTask={(task) => onSelectTask(task.taskId)}
        />
      )}
    </Fill>
  );
}
