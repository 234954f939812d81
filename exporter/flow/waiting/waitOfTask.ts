import { isFinishedTask } from '../../../shared/states.ts';
import type { Micros, PoolRow, PreviousTaskRow, TaskRow } from '../../sources/rows.ts';
import type { TaskStructure } from '../../sources/structure.ts';
import { pastTasksOf } from '../pastEnds.ts';
import { retryDueBy } from '../retryDue.ts';
import { limitsOf, reached } from './limits.ts';
import type { ActiveRun } from './activeRun.ts';
import { latestOf, runKey, waitKey, waits, type Situation, type Wait } from './situation.ts';
import { readySince } from './upstreams.ts';

/** If a scheduler examined a run this long after a task was ready, but left the task alone, it had a reason. */
const LOOKED_AFTER_US = 5e6;

/**
 * Why an unfinished task instance does not go on; null for one that runs or has ended. `runWait` is what its run waits
 * for; `previous` are the task instances of the DAG's previous run, null where they have not been read.
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
  const due = dueOf(task, active.structure?.get(task.task_id));
  if (due !== null && due > situation.nowUs)
    return waits(task.state === 'up_for_retry' ? 'retry' : 'next_poke', task.end_us ?? task.updated_us, due);
  if (active.run.state === 'queued') return waits('run_queued', active.run.queued_us);
  if (runWait) return runWait;
  if (task.state === 'scheduled') return slotWait(task, active, situation);
  if (task.state === null) return undecided(task, active, situation, previous);
  return due === null ? waits('unknown', task.updated_us) : schedulersTurn(due, active, situation);
}

/** In states in which the next move is not the scheduler's. */
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

/** Decided on, and waiting for the scheduler to hand it to the executor. */
function slotWait(task: TaskRow, active: ActiveRun, situation: Situation): Wait {
  const pool = situation.pools.get(task.pool ?? '');
  const since = task.scheduled_us ?? task.updated_us;
  if (!pool || (pool.slots >= 0 && task.pool_slots > pool.slots)) return waits('pool_unusable', since);
  const limits = limitsOf(task, active.run, active.structure?.get(task.task_id), situation);
  const full = reached(limits, situation);
  if (full) return { ...waits(full.reason, since), limit: full };
  const { heldAt, intervals, turns } = situation;
  const hadRoom = limits.map((limit) => intervals.lastFull(limit));
  const held = latestOf(heldAt.get(waitKey(task)), heldAt.get(runKey(active.run)), ...hadRoom);
  const readyUs = latestOf(since, held);
  if (wasPassedOver(task, pool, readyUs, active, situation)) return waits('unknown', readyUs);
  return waits('scheduler', latestOf(readyUs, turns?.queued(task, active.run)));
}

/** Which of several executors has room, and which team may use a pool, is not in the database: then it shows by this. */
function wasPassedOver(
  task: TaskRow,
  pool: PoolRow,
  readyUs: Micros | null,
  { run }: ActiveRun,
  { turns }: Situation,
): boolean {
  if (readyUs === null || (task.executor === null && pool.team === null)) return false;
  return (turns?.passedOver(task, run) ?? -Infinity) > readyUs + LOOKED_AFTER_US;
}

/** Nothing has been decided about it: it waits for upstreams or the previous run, or it is the scheduler's turn. */
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
  return schedulersTurn(latestOf(ready, task.updated_us)!, active, situation);
}

const PAST_IS_FINE: readonly (string | null)[] = ['success', 'skipped'];

/** Whether the previous run's tasks allow it to start; unknown until they have been read, so nothing is blamed before. */
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
  // Airflow says when it last looked at a run. What it left then is held by something that its database does not show.
  const lookedUs =
    situation.kind === 'runbeat' || run.decided_us === null ? null : run.decided_us - situation.schedulerSkewUs;
  if (lookedUs !== null && since !== null && lookedUs > since + LOOKED_AFTER_US) return waits('unknown', since);
  return waits('scheduler', latestOf(since, situation.turns?.lookedAt(run)));
}
