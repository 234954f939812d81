import type { GaugeSample } from '../metrics/gauges.ts';
import type { Series } from '../metrics/series.ts';
import type { OutageBook } from '../index/outageBook.ts';
import type { SourceConfig } from '../config.ts';
import type { SourceReader } from '../sources/reader.ts';
import type { Snapshot } from '../sources/rows.ts';
import type { SourceFacts } from './facts.ts';
import type { RunFollower } from './runFollower.ts';
import type { SourceClock } from './sourceClock.ts';
import type { StructureCache } from './structures.ts';
import type { Sweep } from './sweep.ts';

/** In `needs`: the index can be read and written. */
export const INDEX = 'index';

/**
 * Collects one kind of fact about a source. The caller measures its duration, keeps its success, logs each status change
 * once, runs the other collectors even if this one fails, and retries it after a failure.
 */
export interface Collector {
  /** The value of the label `collector`. */
  readonly name: string;
  /** Seconds from one run to the next; 0 = at every poll. */
  readonly everySeconds: number;
  /** The source counts as up only while this collector succeeds, and a failed run is repeated at the next poll. */
  readonly isEssential: boolean;
  /** Collectors whose facts this one works with: it is left out of a poll in which one of them failed. */
  readonly needs: readonly string[];
  /** Rejects when it can't collect; anything published before that is kept. 'more' requests the next poll immediately. */
  collect(session: Session): Promise<'more' | void>;
  /** Its gauges at a scrape, from memory. Called only while the last success is recent enough to be valid. */
  gauges(session: Session): GaugeSample[];
}

/** What collectors are made with: the settings of their source. */
export interface CollectorContext {
  config: SourceConfig;
  pollSeconds: number;
  schedulerForgetSeconds: number;
  settingsSeconds: number;
  seriesLimit: number;
  retentionDays: number;
}

/** One source as it was found, and what the index holds of it; given to every collector at each run. */
export interface Session {
  /** This exporter is the one that writes the index for this source; another one only follows what is written. */
  readonly leads: boolean;
  /** Reads the source, each query by itself. */
  readonly reader: SourceReader;
  /** All that `use` reads is of one moment. */
  inSnapshot<Result>(use: (reader: SourceReader, snapshot: Snapshot) => Promise<Result>): Promise<Result>;
  /** The source's clock. */
  readonly clock: SourceClock;
  readonly structures: StructureCache;
  readonly follower: RunFollower;
  readonly sweep: Sweep;
  readonly outageBook: OutageBook;
  /** What collectors have found, for each other and for the API. */
  readonly facts: SourceFacts;
  /** Makes counters and histograms visible to scrapes, once they are stored. */
  publish(changed: Iterable<Series>): void;
  /** Shows these counters and histograms and no others. */
  readonly replace: (all: Iterable<Series>) => void;
}
