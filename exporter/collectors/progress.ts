import type { MetricKey } from '../../shared/metrics.ts';
import type { Observation } from '../flow/observations.ts';
import type { Gap, Progress, SourceState } from '../index/rows.ts';
import type { DagRow, Micros, RunRow, Snapshot } from '../sources/rows.ts';
import { missingBetween, remainingGaps } from './gaps.ts';
import { momentOf } from './pollWork.ts';

/** Pure functions that determine how far a source has been read, and which runs belong to the history. */

/** When a source is first seen, late commits are looked for among this many ids below the newest one. */
export const FIRST_LOOK_BACK = 1_000;

/** The starting point for a source that is seen for the first time. */
export function firstProgress(
  state: SourceState,
  snapshot: Snapshot,
  { min, max }: { min: number; max: number },
  newest: readonly RunRow[],
): Progress {
  const ids = newest.map((run) => run.id);
  return {
    ...state,
    first_seen_us: snapshot.now_us,
    watermark: max,
    history_top: max + 1,
    history_cursor: max + 1,
    history_bottom: min,
    gaps: missingBetween(Math.max(0, max - FIRST_LOOK_BACK), ids, snapshot.xmax),
  };
}

/** Ids that the poll has passed and that may still commit, after a poll that read `fresh` and found `seen`. */
export function gapsAfter(
  { gaps, watermark }: SourceState,
  { xmin, xmax }: Snapshot,
  fresh: readonly RunRow[],
  seen: ReadonlyMap<number, RunRow>,
): Gap[] {
  const ids = fresh.map((run) => run.id);
  return [...remainingGaps(gaps, [...seen.keys()], xmin), ...missingBetween(watermark, ids, xmax)];
}

/**
 * For a run that is not in the index: ends up to this moment are not to be counted, because they belong to the history or are
 * already counted. Null for a new run.
 */
export function historyUntil(state: SourceState, run: RunRow): Micros | null {
  const { history_top: top, first_seen_us: firstSeen, kept_from_us: keptFrom } = state;
  if (run.id < top) return Math.max(firstSeen ?? 0, keptFrom ?? 0);
  return keptFrom !== null && momentOf(run) < keptFrom ? keptFrom : null;
}

/** Whether the run is older than the index keeps runs. */
export function isTooOld({ kept_from_us: keptFrom }: SourceState, run: RunRow): boolean {
  return keptFrom !== null && momentOf(run) < keptFrom && (run.end_us ?? 0) < keptFrom;
}

const ENDS = ['success', 'failed'] as const;
const BY_DAG: readonly MetricKey[] = ['taskTransition', 'taskTransitionNegative', 'runQueue'];
const BY_DAG_AND_STATE: readonly MetricKey[] = ['runsFinished', 'tasksFinished', 'runDuration'];

/**
 * Counters that start at zero. Prometheus only sees an increase of a series that existed before: a series that begins at 1 has
 * not increased. If there are so many DAGs that the zeros would use up the limit of series, there are none.
 */
export function zerosOf(dags: Iterable<DagRow>, seriesLimit: number): Observation[] {
  const active = [...dags].filter((dag) => !dag.is_paused);
  const shown = 2 * active.length * ENDS.length <= seriesLimit ? active : [];
  const zero = (metric: MetricKey, labels: string[]): Observation => ({ metric, labels, us: null, count: 0 });
  return [
    zero('outagesTotal', []),
    ...shown.flatMap(({ dag_id }) => [
      ...BY_DAG.map((metric) => zero(metric, [dag_id])),
      ...BY_DAG_AND_STATE.flatMap((metric) => ENDS.map((state) => zero(metric, [dag_id, state]))),
    ]),
  ];
}
