import { INDEX, type Collector, type CollectorContext, type Session } from './collector.ts';

const DAY_US = 24 * 3600 * 1e6;

/** Removes old rows from the index in small batches, and the series of DAGs that were deleted long ago. */
export class RetentionCollector implements Collector {
  readonly name = 'retention';
  readonly everySeconds = 60;
  readonly isEssential = false;
  readonly needs = [INDEX, 'dags', 'runs'];

  constructor(private readonly context: CollectorContext) {}

  async collect({ leads, follower, facts, clock, replace }: Session): Promise<void> {
    if (!leads) return;
    const keptFromUs = Math.round(clock.readUs - this.context.retentionDays * DAY_US);
    const left = await follower.prune(keptFromUs, (dagId) => !facts.dags.has(dagId));
    if (left) replace(left);
  }

  gauges(): [] {
    return [];
  }
}
