import type { SourceReader } from '../sources/reader.ts';
import type { Collector, CollectorContext, Session } from './collector.ts';
import type { SourceFacts } from './facts.ts';
import type { Work } from './pollWork.ts';

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
  facts.dags = await readDags(reader);
  facts.pools = new Map((await reader.pools()).map((pool) => [pool.pool, pool]));
}

/** Runs of a DAG that is so new that it was not read yet are to be judged with it. */
export async function readUnknownDags(
  reader: SourceReader,
  facts: Pick<SourceFacts, 'dags'>,
  work: Work,
): Promise<void> {
  const runs = [...work.created, ...work.settled.map(({ tracked }) => tracked.run)];
  if (runs.some(({ dag_id }) => !facts.dags.has(dag_id))) facts.dags = await readDags(reader);
}

async function readDags(reader: SourceReader): Promise<SourceFacts['dags']> {
  return new Map((await reader.dags()).map((dag) => [dag.dag_id, dag]));
}
