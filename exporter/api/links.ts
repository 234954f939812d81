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
 * Where a run is shown. Airflow 2 has deep links to its graph and Gantt, which open the wrong run without base_date when
 * the run is none of the newest 25 (apache/airflow#34723); Airflow 3 has none, so graph and Gantt are our own page there.
 */
export function runLinks(run: LinkedRun, kind: SourceKind | 'unknown', uiUrl: string | null): RunLinks {
  const own = { graph: runPageUrl(run, 'graph'), gantt: runPageUrl(run, 'gantt') };
  if (uiUrl === null || kind === 'runbeat' || kind === 'unknown') return { ...own, external: null };
  const dag = `${uiUrl}/dags/${encodeURIComponent(run.dag_id)}`;
  if (kind === 'airflow3') return { ...own, external: `${dag}/runs/${encodeURIComponent(run.run_id)}` };
  const base = run.logical_us === null ? '' : `&base_date=${encodeURIComponent(baseDate(run.logical_us))}`;
  const grid = `${dag}/grid?dag_run_id=${encodeURIComponent(run.run_id)}`;
  return { graph: `${grid}&tab=graph${base}`, gantt: `${grid}&tab=gantt${base}`, external: `${grid}${base}` };
}

/** Rounded up: the grid shows runs up to this moment, and its URL keeps no microseconds. */
function baseDate(us: Micros): string {
  return new Date(Math.ceil(us / 1000)).toISOString();
}
