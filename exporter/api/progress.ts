import type { RunProgress, Waiting, WaitingReason } from '../../shared/api.ts';
import { isFinishedTask, type TaskInstanceState } from '../../shared/states.ts';
import type { SourceObserver } from '../collectors/sourceObserver.ts';
import type { TrackedRun } from '../collectors/trackedRun.ts';
import type { FoundRun } from '../index/reader.ts';
import { groupedBy } from '../../shared/groupedBy.ts';
import type { TaskStateRow } from '../sources/rows.ts';
import type { ApiContext } from './context.ts';
import { inTime } from './patience.ts';
import { timestamp } from './time.ts';
import { trackedWaits, waitingOf } from './waiting.ts';

const key = (run: { source: string; id: number }): string => `${run.source}\u0000${run.id}`;

/**
 * Progress of runs: of active runs from memory, of successful runs from the index, and of all others from the source. Null
 * if the source no longer has the run's rows or did not return them in time. Also null for successful runs that ended before
 * they could be counted: they are complete, so a query of the source is not worthwhile.
 */
export async function progressOf(
  context: ApiContext,
  runs: readonly FoundRun[],
): Promise<(run: FoundRun) => RunProgress | null> {
  const known = new Map<string, RunProgress>();
  const unknown: FoundRun[] = [];
  for (const run of runs) {
    const observer = context.sources.find((source) => source.name === run.source);
    const tracked = observer?.active.get(run.id);
    if (tracked && tracked.tasks.size > 0) known.set(key(run), progressOfTracked(observer!, tracked));
    else if (run.state !== 'success') unknown.push(run);
    else if (run.tasks_total !== null) known.set(key(run), done(run.tasks_total));
  }
  await Promise.all(
    [...new Set(unknown.map((run) => run.source))].map(async (source) => {
      const wanted = unknown.filter((run) => run.source === source);
      for (const [id, progress] of await fromSource(context, source, wanted)) known.set(key({ source, id }), progress);
    }),
  );
  return (run) => known.get(key(run)) ?? null;
}

function done(total: number): RunProgress {
  return { tasks_done: total, tasks_total: total, current: [] };
}

async function fromSource(
  context: ApiContext,
  name: string,
  runs: readonly FoundRun[],
): Promise<Map<number, RunProgress>> {
  const source = context.sources.find((other) => other.name === name);
  if (!source?.isUp) return new Map();
  const tasks = await inTime(
    source.read((reader) => reader.taskStatesOf(runs)),
    [],
  );
  const byRun = groupedBy(tasks, (task) => task.run);
  return new Map([...byRun].map(([id, rows]) => [id, progressFrom(rows)]));
}

function progressOfTracked(source: SourceObserver, tracked: TrackedRun): RunProgress {
  const waits = trackedWaits(source, tracked);
  return progressFrom([...tracked.tasks.values()], (task) => waitingOf(waits?.ofTask(task) ?? null));
}

const CURRENT_SHOWN = 20;
/** Tasks that wait for other tasks of their run, or for the run to start, do not show where the run is. */
const ONLY_IN_LINE: readonly (WaitingReason | undefined)[] = ['upstream', 'run_queued', undefined];

const ON_THEIR_WAY: readonly TaskInstanceState[] = [
  ...(['queued', 'scheduled', 'restarting', 'deferred', 'awaiting_input', 'up_for_retry'] as const),
  'up_for_reschedule',
];

/** Where a run is now: its running tasks, otherwise tasks that are about to run, otherwise stuck tasks, otherwise failed ones. */
export function progressFrom<Row extends TaskStateRow>(
  tasks: readonly Row[],
  waitingOfTask: (task: Row) => Waiting | null = () => null,
): RunProgress {
  const inState = (...states: (string | null)[]): Row[] => tasks.filter((task) => states.includes(task.state));
  const current =
    [inState('running'), inState(...ON_THEIR_WAY)].find(isFilled) ??
    [stuck(inState(null), waitingOfTask), inState('failed')].find(isFilled);
  return {
    tasks_done: tasks.filter((task) => isFinishedTask(task.state)).length,
    tasks_total: tasks.length,
    current: (current ?? []).slice(0, CURRENT_SHOWN).map((task) => ({
      task_id: task.task_id,
      map_index: task.map_index,
      state: task.state,
      since: timestamp(sinceOf(task)),
      waiting: waitingOfTask(task),
    })),
  };
}

function isFilled(group: readonly unknown[]): boolean {
  return group.length > 0;
}

/** Tasks that something other than their own run holds back. */
function stuck<Row>(tasks: readonly Row[], waitingOfTask: (task: Row) => Waiting | null): Row[] {
  return tasks.filter((task) => !ONLY_IN_LINE.includes(waitingOfTask(task)?.reason));
}

function sinceOf(task: TaskStateRow): number | null {
  if (task.state === 'running') return task.start_us;
  if (task.state === 'queued') return task.queued_us;
  if (task.state === 'scheduled') return task.scheduled_us ?? task.updated_us;
  return task.end_us ?? task.updated_us;
}
