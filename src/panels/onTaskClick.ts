import type { TimeRange } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { runPageUrl, type RunTab } from '../../shared/grafana.ts';

/** What a click on a task does on a dashboard; the options that both panels share. */
export interface ClickOptions {
  /** `run` opens the run's own page, `variable` sets a dashboard variable, `none` only marks the task. */
  onClick: 'run' | 'variable' | 'none';
  /** Name of the dashboard variable that is set to the task_id. */
  clickVariable: string;
}

export const DEFAULT_CLICK_OPTIONS: ClickOptions = { onClick: 'run', clickVariable: 'task_id' };

/** Of a run as a whole the task_id is empty. */
export interface ClickedTask {
  source: string;
  dagId: string;
  runId: string;
  taskId: string;
}

/** Where the run page is, with the task marked and the dashboard's time range kept. */
export function taskUrl(task: ClickedTask, tab: RunTab, range: TimeRange): string {
  const run = { source: task.source, dag_id: task.dagId, run_id: task.runId };
  const query = new URLSearchParams({
    ...(task.taskId === '' ? {} : { task: task.taskId }),
    from: String(range.from.valueOf()),
    to: String(range.to.valueOf()),
  });
  return `${runPageUrl(run, tab)}&${query}`;
}

/** Does what the panel's owner asked for. A run that the frames do not name can't be opened, so the click only marks then. */
export function runClick(task: ClickedTask, options: ClickOptions, tab: RunTab, range: TimeRange): void {
  if (options.onClick === 'variable' && options.clickVariable !== '' && task.taskId !== '') {
    locationService.partial({ [`var-${options.clickVariable}`]: task.taskId }, true);
  } else if (options.onClick === 'run' && task.dagId !== '' && task.runId !== '') {
    locationService.push(taskUrl(task, tab, range));
  }
}
