import type { TimeZone } from '@grafana/data';
import type { ReactElement } from 'react';
import type { GanttModel } from './model.ts';
import type { GanttOptions } from './options.ts';

/** A task that was chosen in the Gantt or the graph. */
export interface TaskSelection {
  source?: string;
  dagId?: string;
  runId?: string;
  taskId: string;
  /** −1 for a task that is not mapped. */
  mapIndex: number;
}

export interface GanttChartProps {
  model: GanttModel;
  width: number;
  height: number;
  timeZone: TimeZone;
  /** Epoch milliseconds at which the now-line stands; the chart keeps its own clock where it is absent. */
  now?: number;
  options?: Partial<GanttOptions>;
  selectedTaskId?: string | null;
  onSelectTask?: (task: TaskSelection) => void;
}

/** The run's task instances over time. */
export function GanttChart(_props: GanttChartProps): ReactElement {
  return <div />;
}
