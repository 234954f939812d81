import type { TimeRange } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { runPageUrl, type RunTab } from '../../shared/grafana.ts';

/** What a click on a task does on a dashboard; options that Gantt and graph share. */
export interface ClickOptions {
  /** `run` opens the run's page, `variable` sets a dashboard variable, `none` only marks the task. */
  onClick: 'run' | 'variable' | 'none';
  /** Name of the dashboard variable that receives the task_id. */
  clickVariable: string;
}

export const DEFAULT_CLICK_OPTIONS: ClickOptions = { onClick: 'run', clickVariable: 'task_id' };

/** The task_id is empty for a run as a whole. */
export interface ClickedTask {
  source: string;
  dagId: string;
  runId: string;
  taskId: string;
}

/** Address of the run page with the task marked and the dashboard's time range. */
export function taskUrl(task: ClickedTask, tab: RunTab, range: TimeRange): string {
  const run = { source: task.source, dag_id: task.dagId, run_id: task.runId };
  const query = new URLSearchParams({
    ...(task.taskId === '' ? {} : { task: task.taskId }),
    from: String(range.from.valueOf()),
    to: String(range.to.valueOf()),
  });
  return `${runPageUrl(run, tab)}&${query}`;
}

/** Performs the configured action. If the frames do not name the run, it cannot be opened and the click only marks. */
export function runClick(task: ClickedTask, options: ClickOptions, tab: RunTab, range: TimeRange): void {
  if (options.onClick === 'variable' && options.clickVariable !== '' && task.taskId !== '') {
    locationService.partial({ [`var-${options.clickVariable}`]: task.taskId }, true);
  } else if (options.onClick === 'run' && task.dagId !== '' && task.runId !== '') {
    locationService.push(taskUrl(task, tab, range));
  }
}
