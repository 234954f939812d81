import type { WaitingReason, WorkRef } from '../../../shared/api.ts';
import type { PreviousTaskRow, TaskRow } from '../../sources/rows.ts';
import { pastTasksOf } from '../pastEnds.ts';
import { ALL_TASKS } from './limits.ts';
import { blockersFrom, refOf, type Blockers, type Lookups } from './lookups.ts';
import type { ActiveRun } from './activeRun.ts';
import type { Situation, Wait } from './situation.ts';
import { unfinishedUpstreams } from './upstreams.ts';

/** Other processes and runs that an explanation may mention. */
export interface Others {
  schedulersAlive: number;
  /** Lanes with a live scheduler; null for Airflow, which has no lanes. */
  lanesAlive: ReadonlySet<string> | null;
  /** Null if they can't be read. */
  triggerersAlive: number | null;
  /** Task instances of the DAG's previous run; null if they have not been read. */
  previous: readonly PreviousTaskRow[] | null;
}

export interface Explanation {
  detail: string;
  blockers: readonly WorkRef[];
  blockersTotal: number;
}

const NAMES_SHOWN = 3;

/** A wait as a sentence, with what it waits for. `task` is null for a run as a whole. */
export function explain(
  wait: Wait,
  active: ActiveRun,
  task: TaskRow | null,
  situation: Situation,
  others: Others,
  lookups: Lookups,
): Explanation {
  const { run } = active;
  const blockers = blockersOf(wait, active, task, situation, others, lookups);
  const detail = SENTENCES[wait.reason]({ wait, active, task, situation, others, blockers });
  return {
    detail: `${detail}${noScheduler(wait, run.dag_id, situation, others)}`,
    blockers: blockers.refs,
    blockersTotal: blockers.total,
  };
}

/** The facts that a sentence about a wait may use. */
interface WaitFacts {
  wait: Wait;
  active: ActiveRun;
  task: TaskRow | null;
  situation: Situation;
  others: Others;
  blockers: Blockers;
}

const SENTENCES: Readonly<Record<WaitingReason, (facts: WaitFacts) => string>> = {
  scheduler: atScheduler,
  upstream: ({ blockers }) => `Waits for ${names(blockers)} (${blockers.total} left).`,
  depends_on_past: ({ blockers, others }) =>
    blockers.total > 0
      ? `Depends on the previous run, in which ${names(blockers)} ${blockers.total === 1 ? 'has' : 'have'} not succeeded.`
      : `Depends on the previous run${others.previous ? '' : ', which has not been read'}.`,
  executor: ({ task, blockers }) =>
    `Handed to the executor, and no worker has started it${blockers.total > 0 ? `; ${blockers.total} were queued before it in queue "${task?.queue ?? ''}"` : ''}.`,
  pool_full: ({ wait, task, blockers, situation }) =>
    `Pool "${task?.pool}" is full: ${used(wait, situation)} of ${wait.limit!.capacity} slots are in use${blockers.total > 0 ? ` by ${names(blockers)}` : ''}.`,
  pool_unusable: ({ task, situation }) => {
    const pool = situation.pools.get(task?.pool ?? '');
    return pool
      ? `The task can never start: it needs ${count(task!.pool_slots, 'slot')}, but pool "${pool.pool}" only has ${pool.slots}.`
      : `The task can never start: there is no pool "${task?.pool}".`;
  },
  max_active_tasks: ({ wait, situation }) =>
    `max_active_tasks of ${situation.kind === 'airflow3' ? 'the run' : 'the DAG'} is reached (${wait.limit!.capacity}).`,
  task_limit: ({ wait }) => `max_active_tis_per_dag of the task is reached (${wait.limit!.capacity}).`,
  task_limit_per_run: ({ wait }) => `max_active_tis_per_dagrun of the task is reached (${wait.limit!.capacity}).`,
  outranked: ({ active: { run }, situation, blockers }) =>
    `Airflow only looks at the first ${situation.dags.get(run.dag_id)?.max_active_tasks} scheduled tasks of a run (max_active_tasks), and these are held back: ${names(blockers)}.`,
  parallelism: ({ wait, situation }) =>
    situation.parallelism?.assumed
      ? `The executor seems to be full: ${inExecutor(wait, situation)}, the most seen so far. Its limit is not in the database; set RUNBEAT_PARALLELISM.`
      : `The executor is full: ${inExecutor(wait, situation)}.`,
  max_active_runs: ({ wait, blockers }) =>
    `max_active_runs is reached (${wait.limit!.capacity}); ${names(blockers)} ${blockers.total === 1 ? 'is' : 'are'} running.`,
  run_queued: () => 'Its run has not started.',
  dag_paused: ({ active: { run } }) => `DAG ${run.dag_id} is paused.`,
  dag_missing: ({ active: { run } }) =>
    `DAG ${run.dag_id} is no longer in any file, or its file can't be read. The scheduler ignores its runs.`,
  backfill_paused: () => 'Its backfill is paused.',
  backfill_process: () =>
    'It belongs to a backfill by an "airflow dags backfill" process. The database does not show whether that is still running.',
  not_due: () => 'It is scheduled for a later time.',
  retry: ({ task }) => `Try ${task?.try_number} failed; the next one is not due yet.`,
  next_poke: ({ active, task }) =>
    active.structure?.get(task?.task_id ?? '')?.is_sensor === false
      ? 'The task was rescheduled for a later time.'
      : 'The next poke of this sensor is not due yet.',
  trigger: ({ others }) =>
    others.triggerersAlive === 0
      ? 'Deferred to a trigger, and no triggerer is alive to run it.'
      : `Deferred to a trigger${others.triggerersAlive === null ? '; it is not known whether a triggerer is alive' : ''}.`,
  input: () => 'Waits for input from a person.',
  restarting: () => 'Its present try is being ended, and another one follows.',
  unknown: ({ active, task, situation }) => whyUnknown(active, task, situation),
};

/** A scheduler that has had less time than this is not blamed in words. Its passes may take some seconds. */
const SOON_US = 15e6;

function atScheduler({ wait, task, active: { run }, situation: { nowUs } }: WaitFacts): string {
  const rest = task ? 'nothing else holds the task back' : `${run.dag_id} has room for another run`;
  if (nowUs - (wait.sinceUs ?? nowUs) > SOON_US)
    return `The scheduler should have ${task ? 'acted' : 'started it'}: ${rest}.`;
  return wait.isBehind ? `The scheduler handles other work first; ${rest}.` : `It is the scheduler's turn: ${rest}.`;
}

function whyUnknown({ run, structure }: ActiveRun, task: TaskRow | null, situation: Situation): string {
  if (run.backfill_id !== null && situation.backfills === null)
    return 'It belongs to a backfill whose limits are not known, because the role may not read the table backfill.';
  if (!structure) return 'Its DAG has changed since then or is gone, so it is not known what the task waits for.';
  if (task && !structure.has(task.task_id)) return 'The task is not in this version of its DAG.';
  return 'The scheduler has examined the run without acting. The database does not show what it waits for.';
}

/** An additional sentence if the scheduler should act, but none is alive. */
function noScheduler(wait: Wait, dagId: string, { dags }: Situation, others: Others): string {
  if (wait.reason !== 'scheduler') return '';
  if (others.schedulersAlive === 0) return ' No scheduler is alive.';
  const lane = dags.get(dagId)?.lane;
  return lane != null && others.lanesAlive?.has(lane) === false ? ` No scheduler of lane "${lane}" is alive.` : '';
}

const NO_BLOCKERS: Blockers = { refs: [], total: 0 };

function blockersOf(
  wait: Wait,
  active: ActiveRun,
  task: TaskRow | null,
  situation: Situation,
  others: Others,
  lookups: Lookups,
): Blockers {
  const { run, structure } = active;
  const definition = task && structure?.get(task.task_id);
  if (wait.limit) return lookups.holdersOf(wait.limit.key);
  if (wait.reason === 'outranked')
    return blockersFrom(situation.windows!.fillers(active).map((one) => refOf(run, one)));
  if (!task || !structure || !definition) return NO_BLOCKERS;
  if (wait.reason === 'upstream')
    return blockersFrom(unfinishedUpstreams(task, definition, structure, active).map((one) => refOf(run, one)));
  if (wait.reason === 'executor') return lookups.queuedBefore(task);
  if (wait.reason !== 'depends_on_past') return NO_BLOCKERS;
  const asked = new Set(pastTasksOf(definition, structure));
  const inTheWay = (others.previous ?? []).filter(
    (one) => asked.has(one.task_id) && one.state !== 'success' && one.state !== 'skipped',
  );
  return blockersFrom(inTheWay.map((one) => refOf({ dag_id: run.dag_id, run_id: one.run_id }, one)));
}

function inExecutor({ limit }: Wait, { executorCallbacks }: Situation): string {
  if (executorCallbacks === 0 || limit!.key !== ALL_TASKS) return `${limit!.capacity} task instances are active`;
  return `${limit!.capacity} slots are in use, ${executorCallbacks} of them by callbacks of deadlines`;
}

function count(number: number, of: string): string {
  return `${number} ${of}${number === 1 ? '' : 's'}`;
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
  return known.length > 1 ? `${known.slice(0, -1).join(', ')} and ${known.at(-1)}` : (known[0] ?? 'other work');
}
