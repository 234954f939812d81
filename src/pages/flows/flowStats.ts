import type { DagSummary, RunSummary } from '../../../shared/api.ts';
import { groupedBy } from '../../../shared/groupedBy.ts';

/** How one DAG's runs of a time range went. Durations are of finished runs, in seconds. */
export interface FlowStats {
  source: string;
  dagId: string;
  isPaused: boolean;
  runs: number;
  success: number;
  failed: number;
  /** Queued or running now. */
  active: number;
  p50: number | null;
  p95: number | null;
  p99: number | null;
  /** Share of finished runs that succeeded within the line; null where none has finished. */
  withinLine: number | null;
}

/** One row a DAG, those with runs first and by name; DAGs without a run in the range are kept. */
export function flowStats(dags: readonly DagSummary[], runs: readonly RunSummary[], lineSeconds: number): FlowStats[] {
  const byDag = groupedBy(runs, (run) => JSON.stringify([run.source, run.dag_id]));
  for (const dag of dags) {
    const key = JSON.stringify([dag.source, dag.dag_id]);
    if (!byDag.has(key)) byDag.set(key, []);
  }
  const known = new Map(dags.map((dag) => [JSON.stringify([dag.source, dag.dag_id]), dag]));
  return [...byDag]
    .map(([key, ofDag]) => statsOf(key, ofDag, known.get(key), lineSeconds))
    .sort((a, b) => Number(b.runs > 0) - Number(a.runs > 0) || a.dagId.localeCompare(b.dagId));
}

function statsOf(key: string, runs: readonly RunSummary[], dag: DagSummary | undefined, line: number): FlowStats {
  const [source, dagId] = JSON.parse(key) as [string, string];
  const durations = runs
    .filter((run) => run.state === 'success' && run.duration_seconds !== null)
    .map((run) => run.duration_seconds!)
    .sort((a, b) => a - b);
  const count = (state: string) => runs.filter((run) => run.state === state).length;
  const [success, failed] = [count('success'), count('failed')];
  const finished = success + failed;
  return {
    source,
    dagId,
    isPaused: dag?.is_paused ?? false,
    runs: runs.length,
    success,
    failed,
    active: dag?.runs_active ?? runs.length - finished,
    p50: quantile(durations, 0.5),
    p95: quantile(durations, 0.95),
    p99: quantile(durations, 0.99),
    withinLine: finished === 0 ? null : durations.filter((duration) => duration <= line).length / finished,
  };
}

/** Nearest-rank quantile of sorted values: one that really occurred. Null of none. */
export function quantile(sorted: readonly number[], share: number): number | null {
  return sorted.length === 0 ? null : sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}
