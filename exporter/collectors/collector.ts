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
  /** Value of the label `collector`. */
  readonly name: string;
  /** Seconds from one run to the next; 0 = at every poll. */
  readonly everySeconds: number;
  /** The source counts as up only while this collector succeeds, and a failed run is repeated at the next poll. */
  readonly isEssential: boolean;
  /** Collectors whose facts this one uses. If one of them failed in a poll, this collector is skipped. */
  readonly needs: readonly string[];
  /** Rejects if it can't collect. Anything that it published before is kept. 'more' requests the next poll immediately. */
  collect(session: Session): Promise<'more' | void>;
  /** Gauges for a scrape, from memory. Called only while the last success is recent enough to be valid. */
  gauges(session: Session): GaugeSample[];
}

/** What collectors are created with: the settings of their source. */
export interface CollectorContext {
  config: SourceConfig;
  pollSeconds: number;
  schedulerForgetSeconds: number;
  settingsSeconds: number;
  seriesLimit: number;
  retentionDays: number;
}

/** One source with its state from the index. Every collector gets it at each run. */
export interface Session {
  /** Whether this exporter writes the index for this source. Other exporters only show what the leader writes. */
  readonly leads: boolean;
  /** Reads the source, with each query in its own transaction. */
  readonly reader: SourceReader;
  /** Everything that `use` reads comes from one snapshot. */
  inSnapshot<Result>(use: (reader: SourceReader, snapshot: Snapshot) => Promise<Result>): Promise<Result>;
  /** The source's clock. */
  readonly clock: SourceClock;
  readonly structures: StructureCache;
  readonly follower: RunFollower;
  readonly sweep: Sweep;
  readonly outageBook: OutageBook;
  /** What the collectors have found, for each other and for the API. */
  readonly facts: SourceFacts;
  /** Makes counters and histograms visible to scrapes. Call it after they are stored. */
  publish(changed: Iterable<Series>): void;
  /** Makes only these counters and histograms visible. */
  readonly replace: (all: Iterable<Series>) => void;
}
