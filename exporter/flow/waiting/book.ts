import { explain, type Explanation, type Others } from './explain.ts';
import { Intervals } from './intervals.ts';
import { judge, NO_MEMORY, type ReadyWork, type WaitMemory } from './judge.ts';
import { usageOf } from './limits.ts';
import { Lookups } from './lookups.ts';
import { LearntParallelism } from './parallelism.ts';
import type { ActiveRun, SourceLimits } from './activeRun.ts';
import { runKey, type Situation, type Wait } from './situation.ts';
import { looksAfter, Turns, type Look, type Overlooked } from './turns.ts';
import { Windows } from './windows.ts';
import { waitOfRun } from './waitOfRun.ts';
import { waitOfTask } from './waitOfTask.ts';
import type { DueRow, Micros, RunRow, TaskRow } from '../../sources/rows.ts';

/** How long, and for how many ended runs, the use of slots is remembered, because current work may have waited for these slots. */
const REMEMBERED_US = 120e6;
const REMEMBERED_RUNS = 500;

/** The data of a poll that waits are judged by. */
export interface PolledWork {
  nowUs: Micros;
  runs: readonly ActiveRun[];
  /** Runs that have ended since the last poll. */
  ended: readonly Pick<ActiveRun, 'run' | 'all'>[];
  due: readonly DueRow[];
  limits: Omit<SourceLimits, 'parallelism'>;
  /** RUNBEAT_PARALLELISM; null if it is not set. */
  parallelism: number | null;
  /** Names of the schedulers that are alive. */
  liveSchedulers: readonly string[];
  schedulerSkewUs: Micros;
}

/** Why the unfinished work of one source waits, as of the last poll. The alert and the API use the same result. */
export class WaitBook {
  private memory: WaitMemory = NO_MEMORY;
  private situation: Situation | null = null;
  private looks: ReadonlyMap<number, Look> = new Map();
  private overlooked: ReadonlyMap<number, Overlooked> = new Map();
  private recent: Pick<ActiveRun, 'run' | 'all'>[] = [];
  private readonly learnt = new LearntParallelism();
  /** The work that has waited longest for the scheduler alone; null if there is none. */
  oldest: ReadyWork | null = null;

  /**
   * How long `oldest` has waited as of the last poll, in seconds; 0 if there is none. It does not grow between polls: a scheduler
   * may have acted since then, and a late exporter must not report its own delay as the scheduler's.
   */
  get oldestSeconds(): number {
    return this.oldest && this.situation ? (this.situation.nowUs - this.oldest.sinceUs) / 1e6 : 0;
  }

  update(work: PolledWork): void {
    const { nowUs, runs, limits } = work;
    this.recent = [...this.recent, ...work.ended]
      .filter(({ run }) => (run.end_us ?? 0) > nowUs - REMEMBERED_US)
      .slice(-REMEMBERED_RUNS);
    const usage = usageOf(runs, limits);
    const known = [...runs, ...this.recent];
    this.looks = looksAfter(this.looks, known);
    const allLimits = { ...limits, parallelism: this.parallelismOf(work, usage) };
    this.situation = {
      ...allLimits,
      nowUs,
      runs,
      usage,
      heldAt: this.memory.heldAt,
      polledUs: this.memory.polledUs,
      unseenAt: this.memory.unseenAt,
      intervals: new Intervals(() => known, limits, nowUs),
      turns: limits.kind === 'runbeat' ? null : this.turnsOf(work, known),
      windows: limits.windowPerRun ? new Windows(allLimits, usage) : null,
    };
    const judgement = judge(this.situation, work.due, this.memory);
    this.memory = judgement;
    this.oldest = judgement.oldest;
  }

  /** Why one run and its task instances wait; null before the first poll. */
  of(run: RunRow, all: readonly TaskRow[], active: Omit<ActiveRun, 'run' | 'all'>, others: Others): RunWaits | null {
    return this.situation && new RunWaits({ run, all, ...active }, this.situation, others);
  }

  private turnsOf(
    { runs, limits, schedulerSkewUs }: PolledWork,
    known: readonly Pick<ActiveRun, 'run' | 'all'>[],
  ): Turns {
    const turns = new Turns(known, this.looks, schedulerSkewUs, limits);
    this.overlooked = turns.overlook(runs, this.overlooked, (run) => this.memory.heldAt.get(runKey(run)));
    return turns;
  }

  private parallelismOf(work: PolledWork, usage: ReadonlyMap<string, number>): SourceLimits['parallelism'] {
    if (work.parallelism !== null) return { tasks: work.parallelism, byExecutor: new Map(), assumed: false };
    return work.limits.kind === 'runbeat' ? null : this.learnt.learn(usage, work.liveSchedulers);
  }
}

/** Why one run and its task instances wait. */
export class RunWaits {
  private readonly runWait: Wait | null;
  private readonly lookups: Lookups;

  constructor(
    private readonly active: ActiveRun,
    private readonly situation: Situation,
    private readonly others: Others,
  ) {
    this.runWait = waitOfRun(active.run, situation);
    this.lookups = new Lookups(situation);
  }

  ofRun(): ExplainedWait | null {
    return this.runWait && this.explained(this.runWait, null);
  }

  ofTask(task: TaskRow): ExplainedWait | null {
    const wait = waitOfTask(task, this.active, this.runWait, this.situation, this.others.previous);
    return wait && this.explained(wait, task);
  }

  private explained(wait: Wait, task: TaskRow | null): ExplainedWait {
    return { ...wait, ...explain(wait, this.active, task, this.situation, this.others, this.lookups) };
  }
}

export type ExplainedWait = Wait & Explanation;
