import type { RunLinks } from '../../shared/api.ts';
import { runPageUrl } from '../../shared/grafana.ts';
import type { SourceKind } from '../sources/dialect.ts';
import type { Micros } from '../sources/rows.ts';

export interface LinkedRun {
  source: string;
  dag_id: string;
  run_id: string;
  logical_us: Micros | null;
}

/**
 * Links to the views of a run. Airflow 2 has deep links to its graph and Gantt. Without base_date they open the wrong run if
 * the run is not among the newest 25 (apache/airflow#34723). Airflow 3 has no such links, so graph and Gantt link to our own page.
 */
export function runLinks(run: LinkedRun, kind: SourceKind | 'unknown', uiUrl: string | null): RunLinks {
  const own = { graph: runPageUrl(run, 'graph'), gantt: runPageUrl(run, 'gantt') };
  if (uiUrl === null || kind === 'runbeat' || kind === 'unknown') return { ...own, external: null };
  const dag = `${uiUrl}/dags/${encodeURIComponent(run.dag_id)}`;
  if (kind === 'airflow3') return { ...own, external: `${dag}/runs/${encodeURIComponent(run.run_id)}` };
  const base = baseDate(run);
  const grid = gridOf(run, uiUrl);
  return { graph: `${grid}&tab=graph${base}`, gantt: `${grid}&tab=gantt${base}`, external: `${grid}${base}` };
}

/**
 * Links to the task instances of a run in Airflow, where their logs are: in 2.x, the grid with that task selected. Null if the source
 * has no UI.
 */
export function taskLinks(
  run: LinkedRun,
  kind: SourceKind | 'unknown',
  uiUrl: string | null,
): (task: { task_id: string; map_index: number }) => string | null {
  if (uiUrl === null || kind === 'runbeat' || kind === 'unknown') return () => null;
  if (kind === 'airflow3') {
    const tasks = `${uiUrl}/dags/${encodeURIComponent(run.dag_id)}/runs/${encodeURIComponent(run.run_id)}/tasks`;
    return ({ task_id, map_index }) =>
      `${tasks}/${encodeURIComponent(task_id)}${map_index >= 0 ? `/mapped/${map_index}` : ''}`;
  }
  const [grid, logs] = [gridOf(run, uiUrl), `&tab=logs${baseDate(run)}`];
  return ({ task_id, map_index }) =>
    `${grid}&task_id=${encodeURIComponent(task_id)}${map_index >= 0 ? `&map_index=${map_index}` : ''}${logs}`;
}

function gridOf(run: LinkedRun, uiUrl: string): string {
  return `${uiUrl}/dags/${encodeURIComponent(run.dag_id)}/grid?dag_run_id=${encodeURIComponent(run.run_id)}`;
}

/** Rounded up, because the grid shows runs up to this moment and its URL has no microseconds. */
function baseDate({ logical_us: us }: LinkedRun): string {
  return us === null ? '' : `&base_date=${encodeURIComponent(new Date(Math.ceil(us / 1000)).toISOString())}`;
}
