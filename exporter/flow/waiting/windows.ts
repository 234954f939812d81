import type { RunRow, TaskRow } from '../../sources/rows.ts';
import { limitsOf, reached } from './limits.ts';
import type { ActiveRun, SourceLimits } from './activeRun.ts';
import { compareRanks, taskRank } from './turns.ts';

/**
 * Since Airflow 3.2, the scheduler only looks at as many scheduled tasks of a run as its max_active_tasks, the first in its order. If
 * other limits hold back all of these, it does not get to those that come after them, although nothing else holds them back.
 */
export class Windows {
  private readonly runs = new Map<RunRow, ReadonlyMap<TaskRow, number>>();

  constructor(
    private readonly limits: SourceLimits,
    private readonly usage: ReadonlyMap<string, number>,
  ) {}

  /** Whether a task that nothing else holds back is outside. */
  excludes(task: TaskRow, active: ActiveRun): boolean {
    const size = this.sizeOf(active.run);
    return (this.placesOf(active, size).get(task) ?? 0) >= size;
  }

  /** The tasks that fill the window of a run. */
  fillers(active: ActiveRun): TaskRow[] {
    const size = this.sizeOf(active.run);
    return [...this.placesOf(active, size)].flatMap(([task, place]) => (place < size ? [task] : []));
  }

  private sizeOf({ dag_id: dagId }: RunRow): number {
    return this.limits.dags.get(dagId)?.max_active_tasks ?? Infinity;
  }

  /** Each scheduled task's place in its run, from 0; empty if there is room for all. */
  private placesOf(active: ActiveRun, size: number): ReadonlyMap<TaskRow, number> {
    let places = this.runs.get(active.run);
    if (!places) this.runs.set(active.run, (places = this.arrange(active, size)));
    return places;
  }

  private arrange({ run, all, structure }: ActiveRun, size: number): ReadonlyMap<TaskRow, number> {
    const scheduled = all.filter((task) => task.state === 'scheduled');
    if (scheduled.length <= size) return new Map();
    const ranked = scheduled
      .filter((task) => !this.hasFullPool(task))
      .map((task) => ({ task, rank: taskRank(task, run), isHeld: this.isHeld(task, run, structure) }));
    // In which order Airflow takes tasks of the same rank is not known. Those that are held back may be first.
    ranked.sort((a, b) => compareRanks(a.rank, b.rank) || Number(b.isHeld) - Number(a.isHeld));
    return new Map(ranked.map(({ task }, place) => [task, place]));
  }

  /** The scheduler does not look at tasks whose pool has no free slot at all. */
  private hasFullPool({ pool: name }: TaskRow): boolean {
    const pool = this.limits.pools.get(name ?? '');
    return pool !== undefined && pool.slots >= 0 && (this.usage.get(`pool:${name ?? ''}`) ?? 0) >= pool.slots;
  }

  private isHeld(task: TaskRow, run: RunRow, structure: ActiveRun['structure']): boolean {
    if (!this.limits.pools.has(task.pool ?? '')) return true;
    return reached(limitsOf(task, run, structure?.get(task.task_id), this.limits), { usage: this.usage }) !== null;
  }
}
