import type { Micros, RunRow, TaskRow } from '../../sources/rows.ts';
import type { ActiveRun } from './activeRun.ts';

/** A place in an order: compared number by number, the lowest first. */
type Rank = readonly number[];

interface Served {
  rank: Rank;
  atUs: Micros;
}

/** When the scheduler last looked at a run, and the time before that; null where there was none that is known. */
export interface Look {
  atUs: Micros;
  beforeUs: Micros | null;
}

type KnownRun = Pick<ActiveRun, 'run' | 'all'>;

/**
 * Airflow's scheduler takes its work in an order, and only so much at a time: 20 runs to examine, 10 runs to make, as many
 * tasks as its executor has slots for. What comes later in that order is not left lying while what comes before it is served;
 * how long it waits for its turn is a matter of load. Each method says when something was last served that comes before the
 * given work or beside it; null when nothing was.
 */
export class Turns {
  private readonly lines = new Map<string, Line>();

  constructor(
    private readonly known: readonly KnownRun[],
    private readonly looks: ReadonlyMap<number, Look>,
    private readonly skewUs: Micros,
  ) {}

  /** Runs that are examined, for their next tasks: the one that was not looked at for longest comes first. */
  lookedAt(run: RunRow): Micros | null {
    const served = (): Served[] =>
      this.known.flatMap(({ run: one }) => {
        const look = this.looks.get(one.id);
        return look ? [{ rank: lookRank(one, look.beforeUs), atUs: look.atUs }] : [];
      });
    return this.before('looked', served, lookRank(run, run.decided_us));
  }

  /** Tasks that are handed to the executor: by priority_weight, then by the run's logical date. */
  queued(task: TaskRow, run: RunRow): Micros | null {
    const served = (): Served[] =>
      this.known.flatMap(({ run: one, all }) =>
        all.flatMap((other) =>
          other.queued_us === null ? [] : [{ rank: taskRank(other, one), atUs: other.queued_us }],
        ),
      );
    return this.before('queued', served, taskRank(task, run));
  }

  /** When a task was last handed on that comes after this one: then the scheduler has passed this one over. */
  passedOver(task: TaskRow, run: RunRow): Micros | null {
    const rank = taskRank(task, run);
    const later = this.known.flatMap(({ run: one, all }) =>
      all.flatMap((other) =>
        other.queued_us !== null && compare(taskRank(other, one), rank) > 0 ? [other.queued_us] : [],
      ),
    );
    return later.length === 0 ? null : later.reduce((a, b) => Math.max(a, b)) - this.skewUs;
  }

  /** Queued runs that are started. */
  started(run: RunRow): Micros | null {
    const served = (): Served[] =>
      this.known.flatMap(({ run: one }) =>
        one.start_us === null ? [] : [{ rank: startRank(one), atUs: one.start_us }],
      );
    return this.before('started', served, startRank(run));
  }

  /** Scheduled runs that are made: the one that has been due for longest comes first. */
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

/** Notes which runs the scheduler has looked at since the last poll. */
export function looksAfter(earlier: ReadonlyMap<number, Look>, known: readonly KnownRun[]): Map<number, Look> {
  const looks = new Map<number, Look>();
  for (const { run } of known) {
    if (run.decided_us === null) continue;
    const last = earlier.get(run.id);
    looks.set(run.id, last?.atUs === run.decided_us ? last : { atUs: run.decided_us, beforeUs: last?.atUs ?? null });
  }
  return looks;
}

/** Runs of backfills are examined after all others, and a run that has never been looked at before those that have. */
function lookRank(run: RunRow, lookedUs: Micros | null): Rank {
  return [run.backfill_id === null ? 0 : 1, lookedUs ?? -Infinity];
}

function taskRank(task: TaskRow, run: RunRow): Rank {
  return [-task.priority_weight, run.logical_us ?? Infinity, task.map_index];
}

function startRank(run: RunRow): Rank {
  return [run.backfill_id === null ? 0 : 1, run.after_us ?? run.logical_us ?? -Infinity];
}

/** What has been served, in order of rank, with the newest moment up to each. */
class Line {
  private readonly served: readonly Served[];

  constructor(served: Served[]) {
    let newest = -Infinity;
    this.served = served
      .sort((a, b) => compare(a.rank, b.rank))
      .map(({ rank, atUs }) => ({ rank, atUs: (newest = Math.max(newest, atUs)) }));
  }

  lastBefore(rank: Rank): Micros | null {
    let [low, high] = [0, this.served.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(this.served[middle]!.rank, rank) <= 0) low = middle + 1;
      else high = middle;
    }
    return this.served[low - 1]?.atUs ?? null;
  }
}

function compare(a: Rank, b: Rank): number {
  for (const [place, number] of a.entries()) {
    if (number < b[place]!) return -1;
    if (number > b[place]!) return 1;
  }
  return 0;
}
