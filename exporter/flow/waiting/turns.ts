import { groupedBy } from '../../../shared/groupedBy.ts';
import type { Micros, RunRow, TaskRow } from '../../sources/rows.ts';
import type { ActiveRun, SourceLimits } from './activeRun.ts';
import { runsKey } from './limits.ts';

/** A position in an order: compared number by number, lowest first. */
type Rank = readonly number[];

interface Served {
  rank: Rank;
  atUs: Micros;
}

/** Runs that were started within this time may have been started in one pass, in which none of them counted as running. */
const IN_ONE_PASS_US = 10e6;

/** When the scheduler last examined a run. */
export interface Look {
  atUs: Micros;
  /** The run's stamp by which it was chosen then; null if unknown. */
  beforeUs: Micros | null;
  /** By the poll that saw it first. */
  isNew: boolean;
  /** The run's stamp now. A task of Airflow 2 may write back an older one, which is then not the time of an examination. */
  storedUs: Micros;
}

/** Since when the scheduler has handled runs that come after this one, but not this one itself; by its own clock. */
export interface Overlooked {
  sinceUs: Micros;
  /** The run as it has been since then. */
  decidedUs: Micros | null;
  state: RunRow['state'];
}

/** Another scheduler may hold a run for as long as its pass takes, while this one handles later runs. */
const HELD_BY_ANOTHER_US = 30e6;

type KnownRun = Pick<ActiveRun, 'run' | 'all'>;

/**
 * Airflow's scheduler handles its work in a fixed order and in batches: it examines 20 runs and creates 10 runs at a time, and
 * queues as many tasks as its executor has slots. Work further back in that order is not stalled while the scheduler handles work
 * ahead of it: how long its turn takes depends on the load. Each method returns when the scheduler last handled something that
 * comes before the given work or has the same position; null if it handled nothing.
 */
export class Turns {
  private readonly lines = new Map<string, Line>();
  private overlooked: ReadonlyMap<number, Overlooked> = new Map();
  private runsByLimit: ReadonlyMap<string, readonly RunRow[]> | null = null;

  constructor(
    private readonly known: readonly KnownRun[],
    private readonly looks: ReadonlyMap<number, Look>,
    private readonly skewUs: Micros,
    private readonly order: Pick<SourceLimits, 'kind' | 'backfillsExaminedLast'>,
  ) {}

  /** For examining runs for their next tasks: the run that was examined least recently comes first. */
  lookedAt(run: RunRow): Micros | null {
    const before = this.line('looked', () => this.looksServed(false)).lastBefore(this.lookRank(run, run.decided_us));
    return this.unlessOverlooked(before, run);
  }

  /** When the scheduler last examined this run; null if it never did. */
  examined(run: RunRow): Micros | null {
    const lookedUs = Math.max(run.decided_us ?? -Infinity, this.looks.get(run.id)?.atUs ?? -Infinity);
    return this.byDatabase(lookedUs === -Infinity ? null : lookedUs);
  }

  /** For queueing tasks: by priority_weight, then by the logical date of the run. */
  queued(task: TaskRow, run: RunRow): Micros | null {
    const served = (): Served[] =>
      this.known.flatMap(({ run: one, all }) =>
        all.flatMap((other) =>
          other.queued_us === null ? [] : [{ rank: taskRank(other, one), atUs: other.queued_us }],
        ),
      );
    return this.byDatabase(this.line('queued', served).lastBefore(taskRank(task, run)));
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
    const before = this.startsServed().lastBefore(this.startRank(run, Infinity));
    return this.unlessOverlooked(before, run);
  }

  /** Finds out which runs the scheduler overlooks; `earlier` is what the last poll knew, and `heldAt` when something held a run back. */
  overlook(
    runs: readonly Pick<ActiveRun, 'run'>[],
    earlier: ReadonlyMap<number, Overlooked>,
    heldAt: (run: RunRow) => Micros | undefined,
  ): ReadonlyMap<number, Overlooked> {
    const overlooked = new Map<number, Overlooked>();
    for (const { run } of runs) {
      const heldUs = (heldAt(run) ?? -Infinity) + this.skewUs;
      const known = earlier.get(run.id);
      const isSame = known?.decidedUs === run.decided_us && known.state === run.state && known.sinceUs > heldUs;
      const sinceUs = isSame ? known.sinceUs : this.handledAfter(run, heldUs);
      if (sinceUs !== null) overlooked.set(run.id, { sinceUs, decidedUs: run.decided_us, state: run.state });
    }
    this.overlooked = overlooked;
    return overlooked;
  }

  /**
   * When the scheduler first handled a run that comes after this one, which it did not handle, since something last held this one
   * back: examined it since the last poll, or started it since this one was queued.
   */
  private handledAfter(run: RunRow, heldUs: Micros): Micros | null {
    if (run.state === 'queued') {
      const sinceUs = Math.max(run.queued_us ?? 0, run.after_us ?? 0, heldUs);
      return this.startsServed().firstAfter(() => this.startRank(run, Infinity), sinceUs);
    }
    const looks = this.line('examined', () => this.looksServed(true));
    return looks.firstAfter(() => this.lookRank(run, run.decided_us), Math.max(run.start_us ?? 0, heldUs));
  }

  private looksServed(onlyNew: boolean): Served[] {
    return this.known.flatMap(({ run: one }) => {
      const look = this.looks.get(one.id);
      return look && (look.isNew || !onlyNew) ? [{ rank: this.lookRank(one, look.beforeUs), atUs: look.atUs }] : [];
    });
  }

  private startsServed(): Line {
    return this.line('started', () =>
      this.known.flatMap(({ run: one }) =>
        one.start_us === null ? [] : [{ rank: this.startRank(one, one.start_us - IN_ONE_PASS_US), atUs: one.start_us }],
      ),
    );
  }

  /** New runs may come before an overlooked one again and again. That does not excuse the scheduler for ever. */
  private unlessOverlooked(atUs: Micros | null, run: RunRow): Micros | null {
    const since = this.overlooked.get(run.id)?.sinceUs;
    return this.byDatabase(atUs === null || since === undefined ? atUs : Math.min(atUs, since + HELD_BY_ANOTHER_US));
  }

  /** For creating scheduled runs: the one that has been due for longest comes first. */
  made(nextUs: Micros): Micros | null {
    const served = (): Served[] =>
      this.known.flatMap(({ run: { due_us: dueUs, queued_us: queuedUs } }) =>
        dueUs === null || queuedUs === null ? [] : [{ rank: [dueUs], atUs: queuedUs }],
      );
    return this.byDatabase(this.line('made', served).lastBefore([nextUs]));
  }

  /** In Airflow 3.0 to 3.3, runs of backfills come after all others, in their own order. What was never examined comes first. */
  private lookRank(run: RunRow, lookedUs: Micros | null): Rank {
    return [this.order.backfillsExaminedLast ? ordinalOf(run) : 0, lookedUs ?? -Infinity];
  }

  /** In Airflow 3, runs of backfills come last, and among others those of DAGs with the fewest running runs come first. */
  private startRank(run: RunRow, atUs: Micros): Rank {
    const due = run.after_us ?? run.logical_us ?? -Infinity;
    return this.order.kind === 'airflow3' ? [ordinalOf(run), this.runningBeside(run, atUs), due] : [due];
  }

  /** Number of other runs that count towards the same limit and that had been started before a moment, and had not ended. */
  private runningBeside(run: RunRow, atUs: Micros): number {
    this.runsByLimit ??= groupedBy(
      this.known.flatMap(({ run: one }) => (one.start_us === null ? [] : [one])),
      runsKey,
    );
    const beside = this.runsByLimit.get(runsKey(run)) ?? [];
    return beside.filter((one) => one !== run && one.start_us! < atUs && (one.end_us ?? Infinity) >= atUs).length;
  }

  private line(name: string, served: () => Served[]): Line {
    let line = this.lines.get(name);
    if (!line) this.lines.set(name, (line = new Line(served())));
    return line;
  }

  private byDatabase(atUs: Micros | null): Micros | null {
    return atUs === null ? null : atUs - this.skewUs;
  }
}

/** Records which runs the scheduler has examined since the last poll. */
export function looksAfter(earlier: ReadonlyMap<number, Look>, known: readonly KnownRun[]): Map<number, Look> {
  const looks = new Map<number, Look>();
  for (const { run } of known) {
    const storedUs = run.decided_us;
    if (storedUs === null) continue;
    const last = earlier.get(run.id);
    const isOld = last !== undefined && storedUs <= last.atUs;
    const look = isOld ? last : { atUs: storedUs, beforeUs: last?.storedUs ?? null };
    looks.set(run.id, { ...look, isNew: !isOld, storedUs });
  }
  return looks;
}

function ordinalOf({ backfill_id: backfill, backfill_ordinal: ordinal }: RunRow): number {
  return backfill === null ? 0 : (ordinal ?? Infinity);
}

/** Position in the order in which Airflow queues tasks. */
export function taskRank(task: TaskRow, run: RunRow): Rank {
  return [-task.priority_weight, run.logical_us ?? Infinity, task.map_index];
}

/** Handled work in order of rank, with the newest moment up to each rank. */
class Line {
  private readonly newest: readonly Served[];

  constructor(private readonly served: Served[]) {
    served.sort((a, b) => compareRanks(a.rank, b.rank));
    let newest = -Infinity;
    this.newest = served.map(({ rank, atUs }) => ({ rank, atUs: (newest = Math.max(newest, atUs)) }));
  }

  /** When something up to a rank was last handled. */
  lastBefore(rank: Rank): Micros | null {
    return this.newest[this.endOf(rank) - 1]?.atUs ?? null;
  }

  /** When something beyond a rank was first handled after a moment. */
  firstAfter(rankOf: () => Rank, momentUs: Micros): Micros | null {
    if ((this.newest.at(-1)?.atUs ?? 0) <= momentUs) return null;
    let first: Micros | null = null;
    for (let at = this.endOf(rankOf()); at < this.served.length; at += 1) {
      const { atUs } = this.served[at]!;
      if (atUs > momentUs && atUs < (first ?? Infinity)) first = atUs;
    }
    return first;
  }

  private endOf(rank: Rank): number {
    let [low, high] = [0, this.served.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareRanks(this.served[middle]!.rank, rank) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export function compareRanks(a: Rank, b: Rank): number {
  for (const [place, number] of a.entries()) {
    if (number < b[place]!) return -1;
    if (number > b[place]!) return 1;
  }
  return 0;
}
