import type { SourceReader } from '../sources/reader.ts';
import type { BackfillRow, Snapshot } from '../sources/rows.ts';
import type { Collector, Session } from './collector.ts';
import type { RunFollower } from './runFollower.ts';

/** Follows new, changed and ended runs: updates counters, histograms and the index that the lookup reads. */
export class RunsCollector implements Collector {
  readonly name = 'runs';
  readonly everySeconds = 0;
  readonly isEssential = true;
  readonly needs = [];

  async collect(session: Session): Promise<'more' | void> {
    const { facts, follower, sweep } = session;
    if (!session.leads) return this.watch(session);
    const outcome = await session.inSnapshot(async (reader, snapshot) => {
      const found = await follower.poll(reader, snapshot, facts);
      if (found.caughtUp) await sweep.step(reader);
      await readFacts(session, reader, snapshot);
      return found;
    });
    session.publish(outcome.changed);
    facts.readUntilUs = outcome.readUntilUs;
    facts.endedRuns = outcome.ended;
    if (!outcome.caughtUp) return 'more';
  }

  private async watch(session: Session): Promise<void> {
    session.facts.endedRuns = await session.inSnapshot(async (reader, snapshot) => {
      const ended = await session.follower.watch(reader, snapshot);
      await readFacts(session, reader, snapshot);
      return ended;
    });
  }

  gauges(): [] {
    return [];
  }
}

async function readFacts({ facts, follower }: Session, reader: SourceReader, { now_us }: Snapshot): Promise<void> {
  facts.runsAtUs = now_us;
  [facts.due, facts.backfills, facts.executorCallbacks] = await Promise.all([
    reader.due(),
    backfillsOf(follower, reader),
    callbacksOf(follower, reader),
  ]);
}

/** Unfinished backfills, read only if an active run belongs to one; null if they can't be read. */
async function backfillsOf(follower: RunFollower, reader: SourceReader): Promise<Map<number, BackfillRow> | null> {
  if (![...follower.active.values()].some(({ run }) => run.backfill_id !== null)) return new Map();
  const rows = await reader.backfills();
  return rows && new Map(rows.map((row) => [row.id, row]));
}

/**
 * Callbacks that use a slot of an executor, read only while a task instance waits for such a slot: Airflow keeps the callbacks of all
 * deadlines, and has no index on their state.
 */
async function callbacksOf(follower: RunFollower, reader: SourceReader): Promise<number> {
  for (const { tasks } of follower.active.values())
    for (const { state } of tasks.values()) if (state === 'scheduled') return reader.executorCallbacks();
  return 0;
}
