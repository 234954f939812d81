import { isFinishedRun } from '../../../shared/states.ts';
import type { RunRow } from '../../sources/rows.ts';
import { reached, runsKey } from './limits.ts';
import type { Limit } from './activeRun.ts';
import { lastUnseen, latestOf, runKey, waits, waitsForTurn, type Situation, type Wait } from './situation.ts';

/** Why a run as a whole does not proceed; null if it has ended, or is running and nothing holds it back. */
export function waitOfRun(run: RunRow, situation: Situation): Wait | null {
  if (isFinishedRun(run.state)) return null;
  return heldRun(run, situation) ?? (run.state === 'queued' ? queuedRun(run, situation) : null);
}

/**
 * What keeps the scheduler from examining a queued or running run at all. Airflow 3 starts a run after its run_after, and its
 * tasks not before its logical date.
 */
function heldRun(run: RunRow, { kind, dags, nowUs }: Situation): Wait | null {
  const dag = dags.get(run.dag_id);
  if (!dag) return waits('dag_missing', null);
  if (kind === 'airflow2' && run.run_type === 'backfill') return waits('backfill_process', null);
  if (dag.is_paused) return waits('dag_paused', null);
  const dueUs =
    run.state === 'queued' ? run.after_us : latestOf(run.after_us, kind === 'airflow3' ? run.logical_us : null);
  if (dueUs !== null && dueUs > nowUs) return waits('not_due', run.queued_us, dueUs);
  return null;
}

function queuedRun(run: RunRow, situation: Situation): Wait {
  const { backfills, heldAt, intervals, turns } = situation;
  const backfill = run.backfill_id === null ? null : (backfills?.get(run.backfill_id) ?? null);
  if (run.backfill_id !== null && backfills === null) return waits('unknown', run.queued_us);
  if (backfill?.is_paused) return waits('backfill_paused', run.queued_us);
  const most = backfill?.max_active_runs ?? situation.dags.get(run.dag_id)!.max_active_runs;
  const limit: Limit = { reason: 'max_active_runs', key: runsKey(run), capacity: most, need: 1 };
  if (reached([limit], situation)) return { ...waits('max_active_runs', run.queued_us), limit };
  const hadRoom = latestOf(heldAt.get(runKey(run)), intervals.lastFull(limit));
  const seen = lastUnseen(runKey(run), situation);
  return waitsForTurn(latestOf(run.queued_us, run.after_us, seen, hadRoom), turns?.started(run));
}
