import { isFinishedTask } from '../../../shared/states.ts';
import type { Micros, PoolRow, PreviousTaskRow, TaskRow } from '../../sources/rows.ts';
import type { TaskStructure } from '../../sources/structure.ts';
import { pastTasksOf } from '../pastEnds.ts';
import { retryDueBy } from '../retryDue.ts';
import { limitsOf, reached } from './limits.ts';
import type { ActiveRun } from './activeRun.ts';
import { lastUnseen, latestOf, runKey, waitKey, waits, waitsForTurn, type Situation, type Wait } from './situation.ts';
import { readySince } from './upstreams.ts';

/** If the scheduler examined a run this long after a task was ready, but left the task alone, it had a reason. */
const LOOKED_AFTER_US = 5e6;

/**
 * Why a task instance does not proceed; null if it is running or has ended. `runWait` is what its run waits for; `previous` are
 * the task instances of the DAG's previous run, null if they have not been read.
 */
export function waitOfTask(
  task: TaskRow,
  active: ActiveRun,
  runWait: Wait | null,
  situation: Situation,
  previous: readonly PreviousTaskRow[] | null = null,
): Wait | null {
  if (isFinishedTask(task.state) || task.state === 'running') return null;
  const elsewhere = handedOn(task);
  if (elsewhere) return elsewhere;
  if (active.run.state === 'queued') return waits('run_queued', active.run.queued_us);
  if (runWait) return runWait;
  const due = dueOf(task, active.structure?.get(task.task_id));
  if (due !== null && due > situation.nowUs)
    return waits(task.state === 'up_for_retry' ? 'retry' : 'next_poke', task.end_us ?? task.updated_us, due);
  if (task.state === 'scheduled') return slotWait(task, active, situation);
  if (task.state === null) return undecided(task, active, situation, previous);
  return due === null ? waits('unknown', task.updated_us) : schedulersTurn(due, active, situation);
}

/** Waits in states in which something other than the scheduler acts next. */
function handedOn(task: TaskRow): Wait | null {
  if (task.state === 'queued') return waits('executor', task.queued_us);
  if (task.state === 'deferred') return waits('trigger', task.updated_us, task.trigger_timeout_us);
  if (task.state === 'awaiting_input') return waits('input', task.updated_us, task.trigger_timeout_us);
  return task.state === 'restarting' ? waits('restarting', task.updated_us) : null;
}

/** When a retry or the next poke is due; null if it is neither, or if that is not known. */
function dueOf(task: TaskRow, definition: TaskStructure | undefined): Micros | null {
  if (task.state !== 'up_for_retry' && task.state !== 'up_for_reschedule') return null;
  if (task.next_try_us !== null || task.state === 'up_for_reschedule') return task.next_try_us;
  return task.end_us !== null && definition?.retry ? retryDueBy(definition.retry, task.try_number, task.end_us) : null;
}

/** The wait of a scheduled task, which the scheduler has yet to hand to the executor. */
function slotWait(task: TaskRow, active: ActiveRun, situation: Situation): Wait {
  const pool = situation.pools.get(task.pool ?? '');
  const since = task.scheduled_us ?? task.updated_us;
  if (!pool || (pool.slots >= 0 && task.pool_slots > pool.slots)) return waits('pool_unusable', since);
  const limits = limitsOf(task, active.run, active.structure?.get(task.task_id), situation);
  const full = reached(limits, situation);
  if (full) return { ...waits(full.reason, since), limit: full };
  const { heldAt, intervals, turns, windows } = situation;
  if (windows?.excludes(task, active)) return waits('outranked', since);
  const hadRoom = limits.map((limit) => intervals.lastFull(limit));
  const held = latestOf(heldAt.get(waitKey(task)), heldAt.get(runKey(active.run)), ...hadRoom);
  const readyUs = latestOf(since, held);
  if (wasPassedOver(task, pool, readyUs, active, situation)) return waits('unknown', readyUs);
  return waitsForTurn(readyUs, turns?.queued(task, active.run));
}

/** The database does not show which of several executors has room, or which team may use a pool. That the task was passed over does. */
function wasPassedOver(
  task: TaskRow,
  pool: PoolRow,
  readyUs: Micros | null,
  { run }: ActiveRun,
  { turns, dags }: Situation,
): boolean {
  const team = pool.team ?? dags.get(run.dag_id)?.team ?? null;
  if (readyUs === null || (task.executor === null && team === null)) return false;
  return (turns?.passedOver(task, run) ?? -Infinity) > readyUs + LOOKED_AFTER_US;
}

/** The wait of a task without a state: for upstreams, for the previous run, or for the scheduler. */
function undecided(
  task: TaskRow,
  active: ActiveRun,
  situation: Situation,
  previous: readonly PreviousTaskRow[] | null,
): Wait {
  const { run, structure } = active;
  const definition = structure?.get(task.task_id);
  if (!structure || !definition) return waits('unknown', null);
  const ready = readySince(task, definition, structure, active);
  if (ready === null) return waits('upstream', run.start_us);
  if (definition.depends_on_past && !pastAllows(definition, active, previous)) return waits('depends_on_past', ready);
  const readyUs = latestOf(ready, task.updated_us, lastUnseen(waitKey(task), situation))!;
  return schedulersTurn(readyUs, active, situation);
}

const PAST_IS_FINE: readonly (string | null)[] = ['success', 'skipped'];

/** Whether the previous run's tasks allow the task to start. False while they have not been read, so that no scheduler is blamed. */
function pastAllows(
  definition: TaskStructure,
  active: ActiveRun,
  previous: readonly PreviousTaskRow[] | null,
): boolean {
  if (!previous) return false;
  const asked = new Set(pastTasksOf(definition, active.structure!));
  return previous.every((one) => !asked.has(one.task_id) || PAST_IS_FINE.includes(one.state));
}

function schedulersTurn(readyUs: Micros, { run }: ActiveRun, situation: Situation): Wait {
  const since = latestOf(readyUs, run.start_us, situation.heldAt.get(runKey(run)));
  // Airflow records when it last examined a run. If it left a ready task alone, something that is not in the database holds it back.
  const lookedUs = situation.turns?.examined(run) ?? null;
  if (lookedUs !== null && since !== null && lookedUs > since + LOOKED_AFTER_US) return waits('unknown', since);
  return waitsForTurn(since, situation.turns?.lookedAt(run));
}
