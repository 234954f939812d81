import type { TaskDefinition } from './definition.ts';
import type { RunState, Usage } from './passTypes.ts';

/** Keeps track of free slots in pools and DAGs during one pass. */
export class Slots {
  private readonly occupied = new Map<string, number>();
  private readonly active: Map<string, number>;

  constructor(private readonly usage: Usage) {
    for (const [pool, { occupied }] of usage.pools) this.occupied.set(pool, occupied);
    this.active = new Map(usage.activeTasks);
  }

  /** Takes the task's slots and returns null, or takes none and returns what is full: `pool:NAME` or `dag:ID`. */
  take(run: Pick<RunState, 'dagId' | 'maxActiveTasks'>, task: TaskDefinition): string | null {
    const active = this.active.get(run.dagId) ?? 0;
    if (active >= run.maxActiveTasks) return `dag:${run.dagId}`;
    const slots = this.usage.pools.get(task.pool)?.slots ?? 0;
    const occupied = this.occupied.get(task.pool) ?? 0;
    if (slots >= 0 && occupied + task.pool_slots > slots) return `pool:${task.pool}`;
    this.active.set(run.dagId, active + 1);
    this.occupied.set(task.pool, occupied + task.pool_slots);
    return null;
  }
}
