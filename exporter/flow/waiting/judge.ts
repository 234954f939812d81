import { isFinishedRun } from '../../../shared/states.ts';
import type { DueRow, Micros, TaskRow } from '../../sources/rows.ts';
import { lastUnseen, latestOf, runKey, waitKey, type Situation, type Wait } from './situation.ts';
import { waitOfRun } from './waitOfRun.ts';
import { waitOfTask } from './waitOfTask.ts';

/** What one poll remembers for the next. */
export interface WaitMemory {
  /** When each run, and each task that waits for a slot, was last seen held back by something other than the scheduler. */
  heldAt: ReadonlyMap<string, Micros>;
  /** When that poll was; null if there was none. */
  polledUs: Micros | null;
  /** See Situation. */
  unseenAt: ReadonlyMap<string, Micros | null>;
  /** Scheduled runs that are due and could be created: for each DAG the run's date, and when it was first seen. */
  due: ReadonlyMap<string, { nextUs: Micros; seenUs: Micros }>;
}

export const NO_MEMORY: WaitMemory = { heldAt: new Map(), polledUs: null, unseenAt: new Map(), due: new Map() };

/** Work that the scheduler could have acted on. */
export interface ReadyWork {
  sinceUs: Micros;
  dag_id: string;
  /** Null for a scheduled run that has not been created. */
  run_id: string | null;
  /** Null for a run. */
  task_id: string | null;
  map_index: number | null;
}

export interface Judgement extends WaitMemory {
  /** The work that has waited longest for the scheduler alone; null if there is none. */
  oldest: ReadyWork | null;
}

/** Goes through all unfinished work of a source once, and finds the work that the scheduler has left alone for longest. */
export function judge(situation: Situation, dueRows: readonly DueRow[], memory: WaitMemory): Judgement {
  const { nowUs } = situation;
  const heldAt = new Map<string, Micros>();
  const unseenAt = new Map<string, Micros | null>();
  let oldest: ReadyWork | null = null;
  const note = (sinceUs: Micros | null, dagId: string, runId: string | null, task: TaskRow | null): void => {
    if (sinceUs === null || sinceUs > nowUs || sinceUs >= (oldest?.sinceUs ?? Infinity)) return;
    const [task_id, map_index] = [task?.task_id ?? null, task?.map_index ?? null];
    oldest = { sinceUs, dag_id: dagId, run_id: runId, task_id, map_index };
  };
  const remember = (key: string, wait: Wait | null): void => {
    const held = wait !== null && wait.reason !== 'scheduler' ? nowUs : situation.heldAt.get(key);
    if (held !== undefined) heldAt.set(key, held);
  };
  const rememberUnseen = (key: string): void => void unseenAt.set(key, lastUnseen(key, situation));
  for (const active of situation.runs) {
    const { dag_id: dagId, run_id: runId } = active.run;
    const runWait = waitOfRun(active.run, situation);
    remember(runKey(active.run), runWait);
    if (runWait?.reason === 'scheduler') {
      rememberUnseen(runKey(active.run));
      note(runWait.sinceUs, dagId, runId, null);
    }
    if (active.run.state !== 'running') continue;
    for (const task of active.all) {
      const wait = waitOfTask(task, active, runWait, situation);
      if (task.state === 'scheduled') remember(waitKey(task), wait);
      if (wait?.reason === 'scheduler' || wait?.reason === 'unknown') rememberUnseen(waitKey(task));
      if (wait?.reason === 'scheduler') note(wait.sinceUs, dagId, runId, task);
    }
  }
  const due = dueRuns(dueRows, situation, memory.due);
  for (const [dagId, { nextUs, seenUs }] of due)
    note(latestOf(nextUs, seenUs, situation.turns?.made(nextUs)), dagId, null, null);
  return { oldest, heldAt, polledUs: nowUs, unseenAt, due };
}

/**
 * Scheduled runs that the scheduler could create now. Their dates don't show for how long: during catch-up, a date may be years
 * back. So the age counts from when the exporter first saw that this run was due and had room.
 */
function dueRuns(rows: readonly DueRow[], situation: Situation, before: WaitMemory['due']): WaitMemory['due'] {
  if (rows.length === 0) return new Map();
  const active = new Map<string, number>();
  for (const { run } of situation.runs) {
    if (!isFinishedRun(run.state) && run.backfill_id === null)
      active.set(run.dag_id, (active.get(run.dag_id) ?? 0) + 1);
  }
  const due = new Map<string, { nextUs: Micros; seenUs: Micros }>();
  for (const { dag_id, next_us: nextUs } of rows) {
    const dag = situation.dags.get(dag_id);
    if (!dag || dag.is_paused || (active.get(dag_id) ?? 0) >= dag.max_active_runs) continue;
    const seen = before.get(dag_id);
    due.set(dag_id, seen?.nextUs === nextUs ? seen : { nextUs, seenUs: situation.nowUs });
  }
  return due;
}
