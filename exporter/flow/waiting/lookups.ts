import type { WorkRef } from '../../../shared/api.ts';
import type { TaskRow } from '../../sources/rows.ts';
import { holds, keysOf, runsKey } from './limits.ts';
import type { Situation } from './situation.ts';

/** Some of the work that something waits for, and the total number. */
export interface Blockers {
  refs: readonly WorkRef[];
  total: number;
}

const BLOCKERS_SHOWN = 10;

export function blockersFrom(refs: readonly WorkRef[]): Blockers {
  return { refs: refs.slice(0, BLOCKERS_SHOWN), total: refs.length };
}

/** Finds what holds each limit. Results are cached, because thousands of tasks of a run may need the same one. */
export class Lookups {
  private readonly holders = new Map<string, Blockers>();
  private readonly queues = new Map<string | null, { at: number; ref: WorkRef }[]>();

  constructor(private readonly situation: Situation) {}

  /** Task instances or runs that use a limit. */
  holdersOf(key: string): Blockers {
    let found = this.holders.get(key);
    if (!found) this.holders.set(key, (found = blockersFrom(this.findHolders(key))));
    return found;
  }

  /** Task instances that were handed to the executor before this one and have not started either. */
  queuedBefore(task: TaskRow): Blockers {
    let queue = this.queues.get(task.queue);
    if (!queue) this.queues.set(task.queue, (queue = this.findQueue(task.queue)));
    const total = countBelow(queue, task.queued_us ?? 0);
    return { refs: queue.slice(0, Math.min(total, BLOCKERS_SHOWN)).map(({ ref }) => ref), total };
  }

  private findHolders(key: string): WorkRef[] {
    const { runs } = this.situation;
    if (key.startsWith('runs:')) {
      const running = runs.filter(({ run }) => run.state === 'running' && runsKey(run) === key);
      return running.map(({ run }) => refOf(run, null));
    }
    return runs.flatMap(({ run, all }) =>
      all
        .filter((task) => holds(task, key, this.situation) && keysOf(task, run.dag_id, this.situation).includes(key))
        .map((task) => refOf(run, task)),
    );
  }

  private findQueue(queue: string | null): { at: number; ref: WorkRef }[] {
    return this.situation.runs
      .flatMap(({ run, all }) =>
        all
          .filter((task) => task.state === 'queued' && task.queue === queue)
          .map((task) => ({ at: task.queued_us ?? 0, ref: refOf(run, task) })),
      )
      .sort((a, b) => a.at - b.at);
  }
}

/** How many entries of a sorted queue are before a moment, by binary search. */
function countBelow(queue: readonly { at: number }[], moment: number): number {
  let [low, high] = [0, queue.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (queue[middle]!.at < moment) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function refOf(
  run: { dag_id: string; run_id: string },
  task: { task_id: string; map_index: number } | null,
): WorkRef {
  return {
    dag_id: run.dag_id,
    run_id: run.run_id,
    task_id: task?.task_id ?? null,
    map_index: task?.map_index ?? null,
  };
}
