import type pg from 'pg';
import type { OutageBook } from '../index/outageBook.ts';
import type { Leadership } from '../index/lease.ts';
import type { IndexWriter } from '../index/writer.ts';
import type { Series } from '../metrics/series.ts';
import { SeriesStore, type Bounds } from '../metrics/series.ts';
import { inSnapshot } from '../sources/connection.ts';
import type { SourcePromises } from '../promises/sourcePromises.ts';
import type { Dialect } from '../sources/dialect.ts';
import type { KeyRules } from '../sources/keys.ts';
import { SourceReader } from '../sources/reader.ts';
import type { Micros, Snapshot } from '../sources/rows.ts';
import type { UsualTimes } from '../usual/usualTimes.ts';
import type { Session } from './collector.ts';
import type { SourceFacts } from './facts.ts';
import { HistoryCollector } from './history.ts';
import type { Publisher } from './publisher.ts';
import { RunFollower } from './runFollower.ts';
import type { SourceClock } from './sourceClock.ts';
import type { StructureCache } from './structures.ts';
import { Sweep } from './sweep.ts';

/** Parts that belong to the source and outlive a session. */
export interface SessionParts {
  pool: pg.Pool;
  keys: KeyRules;
  writer: IndexWriter;
  clock: SourceClock;
  structures: StructureCache;
  facts: SourceFacts;
  publisher: Publisher;
  promises: SourcePromises;
  usual: UsualTimes;
}

export interface SessionOptions {
  bounds: Bounds;
  seriesLimit: number;
  /** A standby that is further behind its primary is treated as unreachable. */
  mostBehindUs: Micros;
  /** Called once when all of the history is indexed. */
  tidy: () => Promise<void>;
}

/** A source with its state loaded from the index. */
export class SourceSession implements Session {
  readonly reader: SourceReader;
  readonly clock: SourceClock;
  readonly structures: StructureCache;
  readonly facts: SourceFacts;
  readonly outageBook: OutageBook;
  readonly sweep: Sweep;
  readonly history: HistoryCollector;
  leads = false;
  /** The version of the leader's counters that is shown. */
  private shown: Pick<Leadership, 'fence' | 'pruned'>;

  private constructor(
    readonly dialect: Dialect,
    private readonly parts: SessionParts,
    readonly follower: RunFollower,
    readonly sourceId: number,
    tidy: () => Promise<void>,
  ) {
    this.reader = new SourceReader(parts.pool, dialect, parts.keys);
    this.clock = parts.clock;
    this.structures = parts.structures;
    this.facts = parts.facts;
    this.outageBook = parts.writer.outages(sourceId);
    this.shown = { fence: follower.progress.fence, pruned: -1 };
    this.sweep = new Sweep(follower, parts.writer);
    this.history = new HistoryCollector(follower, this.reader, tidy);
  }

  static async load(dialect: Dialect, parts: SessionParts, options: SessionOptions): Promise<SourceSession> {
    const { writer, structures, publisher, promises, usual } = parts;
    const loaded = await writer.load(options.bounds);
    promises.load(await writer.loadPromises());
    await usual.load();
    const store = new SeriesStore(loaded.series, options.bounds, options.seriesLimit);
    publisher.replace(store.all());
    const follower = new RunFollower(writer, loaded.state, store, structures, promises, usual, loaded);
    return new SourceSession(dialect, parts, follower, loaded.state.id, options.tidy);
  }

  /** Shows the counters and promises that the leader has written. */
  async follow(leadership: Leadership): Promise<void> {
    const { writer, publisher, promises, usual } = this.parts;
    const { fence, pruned } = this.shown;
    if (leadership.pruned !== pruned) publisher.replace(await writer.seriesSince(this.sourceId, 'all'));
    else if (leadership.fence !== fence) publisher.publish(await writer.seriesSince(this.sourceId, fence));
    if (leadership.fence !== fence) promises.load(await writer.loadPromises());
    usual.forget();
    this.shown = leadership;
    this.facts.readUntilUs = leadership.read_until_us;
  }

  inSnapshot<Result>(use: (reader: SourceReader, snapshot: Snapshot) => Promise<Result>): Promise<Result> {
    return inSnapshot(this.parts.pool, async (client) => {
      const reader = new SourceReader(client, this.dialect, this.parts.keys);
      const snapshot = await reader.snapshot();
      return use(reader, { ...snapshot, now_us: snapshot.now_us - this.clock.behindUs });
    });
  }

  readonly replace = (all: Iterable<Series>): void => this.parts.publisher.replace(all);

  publish(changed: Iterable<Series>): void {
    this.parts.publisher.publish(changed);
  }
}
