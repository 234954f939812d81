import { ALL_TASKS, executorKey } from './limits.ts';
import type { Parallelism } from './activeRun.ts';

/** As few tasks at once say nothing about how many the executor takes. */
const FEW = 4;
const NAMED = executorKey('');

/**
 * Airflow's database does not say how many task instances its executors take. The most that were ever active at once may be
 * all that they take; while that many are active, it is not known who is waiting for what. What was learnt holds for as long
 * as the same schedulers live: each has executors of its own, and a new one may have other settings.
 */
export class LearntParallelism {
  private schedulers: readonly string[] = [];
  private most = new Map<string, number>();

  /** Null while no scheduler lives: then it does not matter how many tasks one would take. */
  learn(usage: ReadonlyMap<string, number>, liveSchedulers: readonly string[]): Parallelism | null {
    if (liveSchedulers.length === 0) return null;
    if (!isSame(liveSchedulers, this.schedulers)) this.most.clear();
    this.schedulers = liveSchedulers;
    this.note(ALL_TASKS, usage.get(ALL_TASKS) ?? 0);
    for (const [key, active] of usage) if (key.startsWith(NAMED)) this.note(key, active);
    const named = [...this.most].filter(([key]) => key !== ALL_TASKS);
    return {
      tasks: this.most.get(ALL_TASKS)!,
      byExecutor: new Map(named.map(([key, most]) => [key.slice(NAMED.length), most])),
      assumed: true,
    };
  }

  private note(key: string, active: number): void {
    this.most.set(key, Math.max(this.most.get(key) ?? FEW, active));
  }
}

function isSame(names: readonly string[], others: readonly string[]): boolean {
  return names.length === others.length && names.every((name) => others.includes(name));
}
