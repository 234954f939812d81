import { ALL_TASKS, EXECUTOR_PREFIX } from './limits.ts';
import type { Parallelism } from './activeRun.ts';

/** So few concurrent tasks say nothing about the limit of the executor. */
const FEW = 4;

/**
 * Airflow's database does not say how many task instances its executors run at once. The highest number that was seen may be the
 * limit. While that many are active, a waiting task may be waiting for the executor. The number is valid as long as the same
 * schedulers are alive: each one has its own executors, and a new one may have other settings.
 */
export class LearntParallelism {
  private schedulers: readonly string[] = [];
  private most = new Map<string, number>();

  /** Null while no scheduler is alive, because the limit does not matter then. */
  learn(usage: ReadonlyMap<string, number>, liveSchedulers: readonly string[]): Parallelism | null {
    if (liveSchedulers.length === 0) return null;
    if (!isSame(liveSchedulers, this.schedulers)) this.most.clear();
    this.schedulers = liveSchedulers;
    this.note(ALL_TASKS, usage.get(ALL_TASKS) ?? 0);
    for (const [key, active] of usage) if (key.startsWith(EXECUTOR_PREFIX)) this.note(key, active);
    const named = [...this.most].filter(([key]) => key !== ALL_TASKS);
    return {
      tasks: this.most.get(ALL_TASKS)!,
      byExecutor: new Map(named.map(([key, most]) => [key.slice(EXECUTOR_PREFIX.length), most])),
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
