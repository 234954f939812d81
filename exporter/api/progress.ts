import type { RunProgress } from '../../shared/api.ts';
import { isFinishedTask } from '../../shared/states.ts';
import type { FoundRun } from '../index/reader.ts';
import { groupedBy } from '../../shared/groupedBy.ts';
import type { TaskStateRow } from '../sources/rows.ts';
import type { ApiContext } from './context.ts';
import { timestamp } from './time.ts';

/** How long an answer waits for the observed database before it goes without. */
const PATIENCE_MS = 1_000;

const key = (run: { source: string; id: number }): string => `${run.source}\u0000${run.id}`;

/**
 * How far runs have come: active ones from memory, successful ones from the index, and what neither knows from the
 * source. Null for runs whose rows the source no longer has, or that it did not give in time, and for successful ones
 * that ended before they could be counted: they have come to their end, and that is not worth a query of the source.
 */
export async function progressOf(
  context: ApiContext,
  runs: readonly FoundRun[],
): Promise<(run: FoundRun) => RunProgress | null> {
  const known = new Map<string, RunProgress>();
  const unknown: FoundRun[] = [];
  for (const run of runs) {
    const tracked = context.sources.find((source) => source.name === run.source)?.active.get(run.id);
    if (tracked && tracked.tasks.size > 0) known.set(key(run), progressFrom([...tracked.tasks.values()]));
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
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<TaskStateRow[]>((resolve) => {
    timer = setTimeout(() => resolve([]), PATIENCE_MS);
  });
  const read = source.read((reader) => reader.taskStatesOf(runs)).catch((): TaskStateRow[] => []);
  const tasks = await Promise.race([read, patience]);
  clearTimeout(timer);
  const byRun = groupedBy(tasks, (task) => task.run);
  return new Map([...byRun].map(([id, rows]) => [id, progressFrom(rows)]));
}

const CURRENT_SHOWN = 20;

/** What it stands at: running tasks, else those on their way, else what failed. */
export function progressFrom(tasks: readonly TaskStateRow[]): RunProgress {
  const inState = (...states: (string | null)[]): TaskStateRow[] => tasks.filter((task) => states.includes(task.state));
  const current = [
    inState('running'),
    inState('queued', 'scheduled', 'restarting', 'deferred', 'up_for_retry', 'up_for_reschedule'),
    inState('failed'),
  ].find((group) => group.length > 0);
  return {
    tasks_done: tasks.filter((task) => isFinishedTask(task.state)).length,
    tasks_total: tasks.length,
    current: (current ?? []).slice(0, CURRENT_SHOWN).map((task) => ({
      task_id: task.task_id,
      map_index: task.map_index,
      state: task.state,
      since: timestamp(sinceOf(task)),
    })),
  };
}

function sinceOf(task: TaskStateRow): number | null {
  if (task.state === 'running') return task.start_us;
  if (task.state === 'queued') return task.queued_us;
  if (task.state === 'scheduled') return task.scheduled_us ?? task.updated_us;
  return task.end_us ?? task.updated_us;
}
