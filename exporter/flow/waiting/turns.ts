import type { Micros, RunRow, TaskRow } from '../../sources/rows.ts';
import type { ActiveRun } from './activeRun.ts';

/** A position in an order: compared number by number, lowest first. */
type Rank = readonly number[];

interface Served {
  rank: Rank;
  atUs: Micros;
}

/** When the scheduler examined a run: the last time, and the time before; null if unknown. */
export interface Look {
  atUs: Micros;
  beforeUs: Micros | null;
}

type KnownRun = Pick<ActiveRun, 'run' | 'all'>;

/**
 * Airflow's scheduler handles its work in a fixed order and in batches: it examines 20 runs and creates 10 runs at a time, and
 * queues as many tasks as its executor has slots. Work further back in that order is not stalled while the scheduler handles work
 * ahead of it: how long its turn takes depends on the load. Each method returns when the scheduler last handled something that
 * comes before the given work or has the same position; null if it handled nothing.
 */
export class Turns {
  private readonly lines = new Map<string, Line>();

  constructor(
    private readonly known: readonly KnownRun[],
    private readonly looks: ReadonlyMap<number, Look>,
    private readonly skewUs: Micros,
  ) {}

  /** For examining runs for their next tasks: the run that was examined least recently comes first. */
  lookedAt(run: RunRow): Micros | null {
    const served = (): Served[] =>
      this.known.flatMap(({ run: one }) => {
        const look = this.looks.get(one.id);
        return look ? [{ rank: lookRank(one, look.beforeUs), atUs: look.atUs }] : [];
      });
    return this.before('looked', served, lookRank(run, run.decided_us));
  }

  /** For queueing tasks: by priority_weight, then by the logical date of the run. */
  queued(task: TaskRow, run: RunRow): Micros | null {
    const served = (): Served[] =>
      this.known.flatMap(({ run: one, all }) =>
        all.flatMap((other) =>
          other.queued_us === null ? [] : [{ rank: taskRank(other, one), atUs: other.queued_us }],
        ),
      );
    return this.before('queued', served, taskRank(task, run));
  }

  /** When the scheduler last queued a task that comes after this one, and so passed this one over. */
  passedOver(task: TaskRow, run: RunRow): Micros | null {
    const rank = taskRank(task, run);
    const later = this.known.flatMap(({ run: one, all }) =>
      all.flatMap((other) =>
        other.queued_us !== null && compareRanks(taskRank(other, one), rank) > 0 ? [other.queued_us] : [],
      ),
    );
    return later.length === 0 ? null : later.reduce((a, b) => Math.max(a, b)) - this.skewUs;
  }

  /** For starting queued runs. */
  started(run: RunRow): Micros | null {
    const served = (): Served[] =>
      this.known.flatMap(({ run: one }) =>
        one.start_us === null ? [] : [{ rank: startRank(one), atUs: one.start_us }],
      );
    return this.before('started', served, startRank(run));
  }

  /** For creating scheduled runs: the one that has been due for longest comes first. */
  made(nextUs: Micros): Micros | null {
    const served = (): Served[] =>
      this.known.flatMap(({ run: { due_us: dueUs, queued_us: queuedUs } }) =>
        dueUs === null || queuedUs === null ? [] : [{ rank: [dueUs], atUs: queuedUs }],
      );
    return this.before('made', served, [nextUs]);
  }

  private before(name: string, served: () => Served[], rank: Rank): Micros | null {
    let line = this.lines.get(name);
    if (!line) this.lines.set(name, (line = new Line(served())));
    const atUs = line.lastBefore(rank);
    return atUs === null ? null : atUs - this.skewUs;
  }
}

/** Records which runs the scheduler has examined since the last poll. */
export function looksAfter(earlier: ReadonlyMap<number, Look>, known: readonly KnownRun[]): Map<number, Look> {
  const looks = new Map<number, Look>();
  for (const { run } of known) {
    if (run.decided_us === null) continue;
    const last = earlier.get(run.id);
    looks.set(run.id, last?.atUs === run.decided_us ? last : { atUs: run.decided_us, beforeUs: last?.atUs ?? null });
  }
  return looks;
}

/** Runs of backfills come after all others. A run that has never been examined comes before those that have. */
function lookRank(run: RunRow, lookedUs: Micros | null): Rank {
  return [run.backfill_id === null ? 0 : 1, lookedUs ?? -Infinity];
}

/** Position in the order in which Airflow queues tasks. */
export function taskRank(task: TaskRow, run: RunRow): Rank {
  return [-task.priority_weight, run.logical_us ?? Infinity, task.map_index];
}

function startRank(run: RunRow): Rank {
  return [run.backfill_id === null ? 0 : 1, run.after_us ?? run.logical_us ?? -Infinity];
}

/** Handled work in order of rank, with the newest moment up to each rank. */
class Line {
  private readonly served: readonly Served[];

  constructor(served: Served[]) {
    let newest = -Infinity;
    this.served = served
      .sort((a, b) => compareRanks(a.rank, b.rank))
      .map(({ rank, atUs }) => ({ rank, atUs: (newest = Math.max(newest, atUs)) }));
  }

  lastBefore(rank: Rank): Micros | null {
    let [low, high] = [0, this.served.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareRanks(this.served[middle]!.rank, rank) <= 0) low = middle + 1;
      else high = middle;
    }
    return this.served[low - 1]?.atUs ?? null;
  }
}

export function compareRanks(a: Rank, b: Rank): number {
  for (const [place, number] of a.entries()) {
    if (number < b[place]!) return -1;
    if (number > b[place]!) return 1;
  }
  return 0;
}
