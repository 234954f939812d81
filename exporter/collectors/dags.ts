import type { Collector, CollectorContext, Session } from './collector.ts';
import { dagsById } from './runReads.ts';

/** DAGs and pools of a source. They rarely change, so they are not read at every poll. */
export class DagsCollector implements Collector {
  readonly name = 'dags';
  readonly everySeconds: number;
  readonly isEssential = true;
  readonly needs = [];

  constructor({ settingsSeconds }: CollectorContext) {
    this.everySeconds = settingsSeconds;
  }

  collect(session: Session): Promise<void> {
    return readDagsAndPools(session);
  }

  gauges(): [] {
    return [];
  }
}

export async function readDagsAndPools({ reader, facts }: Session): Promise<void> {
  facts.dags = await dagsById(reader);
  facts.pools = new Map((await reader.pools()).map((pool) => [pool.pool, pool]));
}
