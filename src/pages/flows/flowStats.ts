import type { DagSummary, PromiseStatus, RunSummary } from '../../../shared/api.ts';
import { endPromise } from '../../app/usePromises.ts';
import { groupedBy } from '../../../shared/groupedBy.ts';
import { isFinishedRun } from '../../../shared/states.ts';
import { percentileOfSorted } from '../../../shared/percentile.ts';

/** Statistics of the runs of one DAG in a time range. Durations are those of finished runs, in seconds. */
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
  /** The promise about the duration of its runs. */
  promise: PromiseStatus | undefined;
  /**
   * Share of the judged runs that succeeded within the promised duration; null without a promise or such runs. A run is judged when it has
   * finished, or when it is active longer than promised.
   */
  inTime: number | null;
}

/**
 * One row per DAG. DAGs that need attention come first: those whose promise is broken, then those with the most failed runs, then by
 * name. DAGs without a run in the range come last.
 */
export function flowStats(
  dags: readonly DagSummary[],
  runs: readonly RunSummary[],
  promises: readonly PromiseStatus[] | undefined,
): FlowStats[] {
  const byDag = groupedBy(runs, (run) => JSON.stringify([run.source, run.dag_id]));
  for (const dag of dags) {
    const key = JSON.stringify([dag.source, dag.dag_id]);
    if (!byDag.has(key)) byDag.set(key, []);
  }
  const known = new Map(dags.map((dag) => [JSON.stringify([dag.source, dag.dag_id]), dag]));
  return [...byDag]
    .map(([key, ofDag]) => statsOf(key, ofDag, known.get(key), promises))
    .sort(
      (a, b) =>
        Number(b.runs > 0) - Number(a.runs > 0) ||
        Number(isBroken(b)) - Number(isBroken(a)) ||
        b.failed - a.failed ||
        a.dagId.localeCompare(b.dagId),
    );
}

/** Whether fewer runs ended in time than promised. */
export function isBroken({ inTime, promise }: FlowStats): boolean {
  return inTime !== null && promise !== undefined && inTime < promise.share;
}

function statsOf(
  key: string,
  runs: readonly RunSummary[],
  dag: DagSummary | undefined,
  promises: readonly PromiseStatus[] | undefined,
): FlowStats {
  const [source, dagId] = JSON.parse(key) as [string, string];
  const durations = runs
    .filter((run) => run.state === 'success' && run.duration_seconds !== null)
    .map((run) => run.duration_seconds!)
    .sort((a, b) => a - b);
  const count = (state: string) => runs.filter((run) => run.state === state).length;
  const [success, failed] = [count('success'), count('failed')];
  const finished = success + failed;
  const promise = endPromise(promises, { source, dagId });
  const limit = promise?.limit_seconds ?? null;
  return {
    source,
    dagId,
    isPaused: dag?.is_paused ?? false,
    runs: runs.length,
    success,
    failed,
    active: dag?.runs_active ?? runs.length - finished,
    p50: percentileOfSorted(durations, 0.5),
    p95: percentileOfSorted(durations, 0.95),
    p99: percentileOfSorted(durations, 0.99),
    promise,
    inTime: limit === null ? null : inTimeOf(runs, limit),
  };
}

function inTimeOf(runs: readonly RunSummary[], limit: number): number | null {
  const isLate = ({ duration_seconds }: RunSummary) => (duration_seconds ?? 0) > limit;
  const judged = runs.filter((run) => isFinishedRun(run.state) || isLate(run));
  if (judged.length === 0) return null;
  return judged.filter((run) => run.state === 'success' && !isLate(run)).length / judged.length;
}
