import type { WaitingReason, WorkRef } from '../../../shared/api.ts';
import type { PreviousTaskRow, TaskRow } from '../../sources/rows.ts';
import { pastTasksOf } from '../pastEnds.ts';
import { blockersFrom, refOf, type Blockers, type Lookups } from './lookups.ts';
import type { ActiveRun } from './activeRun.ts';
import type { Situation, Wait } from './situation.ts';
import { unfinishedUpstreams } from './upstreams.ts';

/** Who else is there, beside the work itself. */
export interface Others {
  schedulersAlive: number;
  /** Lanes with a live scheduler; null for Airflow, which has none. */
  lanesAlive: ReadonlySet<string> | null;
  /** Null where they can't be read. */
  triggerersAlive: number | null;
  /** Of the DAG's previous run; null where they have not been read. */
  previous: readonly PreviousTaskRow[] | null;
}

export interface Explanation {
  detail: string;
  blockers: readonly WorkRef[];
  blockersTotal: number;
}

const NAMES_SHOWN = 3;

/** A wait in words, with what is waited for. `task` is null for a run as a whole. */
export function explain(
  wait: Wait,
  active: ActiveRun,
  task: TaskRow | null,
  situation: Situation,
  others: Others,
  lookups: Lookups,
): Explanation {
  const { run } = active;
  const blockers = blockersOf(wait, active, task, others, lookups);
  const detail = SENTENCES[wait.reason]({ wait, active, task, situation, others, blockers });
  return {
    detail: `${detail}${noScheduler(wait, run.dag_id, situation, others)}`,
    blockers: blockers.refs,
    blockersTotal: blockers.total,
  };
}

/** What a sentence about a wait may use. */
interface WaitFacts {
  wait: Wait;
  active: ActiveRun;
  task: TaskRow | null;
  situation: Situation;
  others: Others;
  blockers: Blockers;
}

const SENTENCES: Readonly<Record<WaitingReason, (facts: WaitFacts) => string>> = {
  scheduler: ({ task, active: { run } }) =>
    task
      ? 'The scheduler should have acted: everything that the task waits for is there.'
      : `The scheduler should have started it: ${run.dag_id} has room for another run.`,
  upstream: ({ blockers }) => `Waits for ${names(blockers)} (${blockers.total} left).`,
  depends_on_past: ({ blockers, others }) =>
    blockers.total > 0
      ? `Depends on the previous run, in which ${names(blockers)} has not succeeded.`
      : `Depends on the previous run${others.previous ? '' : ', which has not been read'}.`,
  executor: ({ task, blockers }) =>
    `Handed to the executor, and no worker has started it${blockers.total > 0 ? `; ${blockers.total} were queued before it in queue "${task?.queue ?? ''}"` : ''}.`,
  pool_full: ({ wait, task, blockers, situation }) =>
    `Pool "${task?.pool}" has no room: ${used(wait, situation)} of ${wait.limit!.capacity} slots are held by ${names(blockers)}.`,
  pool_unusable: ({ task, situation }) => {
    const pool = situation.pools.get(task?.pool ?? '');
    return pool
      ? `It asks for ${task?.pool_slots} slots, and pool "${pool.pool}" has ${pool.slots} in all: it can never start.`
      : `There is no pool "${task?.pool}": it can never start.`;
  },
  max_active_tasks: ({ wait, situation }) =>
    `max_active_tasks of ${situation.kind === 'airflow3' ? 'the run' : 'the DAG'} is reached (${wait.limit!.capacity}).`,
  task_limit: ({ wait }) => `As many instances of the task as it may have are active (${wait.limit!.capacity}).`,
  task_limit_per_run: ({ wait }) =>
    `As many instances of the task as a run may have are active (${wait.limit!.capacity}).`,
  parallelism: ({ wait, situation }) =>
    situation.parallelism?.assumed
      ? `The executor seems to be full: ${wait.limit!.capacity} task instances are active, and more at once have not been seen. Its limit is not in the database; set RUNBEAT_PARALLELISM.`
      : `The executor is full: ${wait.limit!.capacity} task instances are active.`,
  max_active_runs: ({ wait, blockers }) =>
    `max_active_runs is reached (${wait.limit!.capacity}); ${names(blockers)} ${blockers.total === 1 ? 'is' : 'are'} running.`,
  run_queued: () => 'Its run has not been started.',
  dag_paused: ({ active: { run } }) => `DAG ${run.dag_id} is paused.`,
  dag_missing: ({ active: { run } }) =>
    `DAG ${run.dag_id} is no longer in any file, or its file can't be read. The scheduler leaves its runs alone.`,
  backfill_paused: () => 'Its backfill is paused.',
  backfill_process: () =>
    'It belongs to a backfill that an "airflow dags backfill" process drives; whether that lives is not in the database.',
  not_due: () => 'It is for a later time.',
  retry: ({ task }) => `Attempt ${task?.try_number} failed; the next one is not due yet.`,
  next_poke: () => 'A sensor that gave its slot back; its next poke is not due yet.',
  trigger: ({ others }) =>
    others.triggerersAlive === 0
      ? 'Deferred to a trigger, and no triggerer is alive to run it.'
      : `Deferred to a trigger${others.triggerersAlive === null ? '; whether a triggerer lives can not be read' : ''}.`,
  input: () => 'Waits for a person to answer.',
  restarting: () => 'Its try is being ended, to start again.',
  unknown: ({ active, task, situation }) => whyUnknown(active, task, situation),
};

function whyUnknown({ run, structure }: ActiveRun, task: TaskRow | null, situation: Situation): string {
  if (run.backfill_id !== null && situation.backfills === null)
    return 'It belongs to a backfill, and the role may not read the table backfill: the limits of it are not known.';
  if (!structure) return 'Its DAG has changed since or is gone, so what it waits for is not known.';
  if (task && !structure.has(task.task_id)) return 'The task is not in this version of its DAG.';
  return 'The scheduler has looked at the run and left it; what it waits for is not in the database.';
}

/** Where it is the scheduler's turn, and there is none. */
function noScheduler(wait: Wait, dagId: string, { dags }: Situation, others: Others): string {
  if (wait.reason !== 'scheduler') return '';
  if (others.schedulersAlive === 0) return ' No scheduler is alive.';
  const lane = dags.get(dagId)?.lane;
  return lane != null && others.lanesAlive?.has(lane) === false ? ` No scheduler of lane "${lane}" is alive.` : '';
}

const NOBODY: Blockers = { refs: [], total: 0 };

function blockersOf(wait: Wait, active: ActiveRun, task: TaskRow | null, others: Others, lookups: Lookups): Blockers {
  const { run, structure } = active;
  const definition = task && structure?.get(task.task_id);
  if (wait.limit) return lookups.holdersOf(wait.limit.key);
  if (!task || !structure || !definition) return NOBODY;
  if (wait.reason === 'upstream')
    return blockersFrom(unfinishedUpstreams(task, definition, structure, active).map((one) => refOf(run, one)));
  if (wait.reason === 'executor') return lookups.queuedBefore(task);
  if (wait.reason !== 'depends_on_past') return NOBODY;
  const asked = new Set(pastTasksOf(definition, structure));
  const inTheWay = (others.previous ?? []).filter(
    (one) => asked.has(one.task_id) && one.state !== 'success' && one.state !== 'skipped',
  );
  return blockersFrom(inTheWay.map((one) => refOf({ dag_id: run.dag_id, run_id: one.run_id }, one)));
}

function used(wait: Wait, { usage }: Situation): number {
  return usage.get(wait.limit!.key) ?? 0;
}

/** "a, b[3], c and 4 more". */
function names({ refs, total }: Blockers): string {
  const known = refs.slice(0, NAMES_SHOWN).map(({ run_id, task_id, map_index }) => {
    if (task_id === null) return run_id;
    return map_index !== null && map_index >= 0 ? `${task_id}[${map_index}]` : task_id;
  });
  const more = total - known.length;
  if (more > 0) return `${known.join(', ')} and ${more} more`;
  return known.length > 1 ? `${known.slice(0, -1).join(', ')} and ${known.at(-1)}` : (known[0] ?? 'nobody');
}
