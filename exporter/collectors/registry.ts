import type { Collector, CollectorContext } from './collector.ts';
import { ComponentsCollector } from './components.ts';
import { DagsCollector } from './dags.ts';
import { OutagesCollector } from './outages.ts';
import { ReadinessCollector } from './readiness.ts';
import { RetentionCollector } from './retention.ts';
import { RunsCollector } from './runs.ts';
import { SchedulersCollector } from './schedulers.ts';
import { UpkeepCollector } from './upkeep.ts';
import { WorkloadCollector } from './workload.ts';

/** All collectors of a source, in the order in which a poll runs them. */
export function makeCollectors(context: CollectorContext): Collector[] {
  return [
    new SchedulersCollector(context),
    new OutagesCollector(context),
    new ComponentsCollector(context),
    new DagsCollector(context),
    new RunsCollector(),
    new ReadinessCollector(context),
    new WorkloadCollector(context),
    new UpkeepCollector(context),
    new RetentionCollector(context),
  ];
}
