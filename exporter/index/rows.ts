import type { CountedEnd } from '../flow/attempts.ts';
import type { Series } from '../metrics/series.ts';
import type { RingRow } from './usualRows.ts';
import type { PromiseDelta } from './promiseRows.ts';
import type { Micros, RunKeys, RunRow } from '../sources/rows.ts';

/** Ids that polls have passed without seeing them. The gap is open until every transaction older than `xmax` has ended. */
export interface Gap {
  from: number;
  to: number;
  xmax: number;
}

/** How far a source has been read. */
export interface SourceState {
  id: number;
  fence: number;
  first_seen_us: Micros | null;
  watermark: number;
  gaps: Gap[];
  history_top: number;
  history_cursor: number;
  history_bottom: number;
  database_oid: number | null;
  snapshot_xmax: number | null;
  /** All changes of the source up to this moment have been read. */
  read_until_us: Micros | null;
  /** Runs that were requested and ended before this moment are no longer kept. */
  kept_from_us: Micros | null;
}

export type Progress = Omit<SourceState, 'id' | 'fence'>;

export type IndexedRun = Omit<
  RunRow,
  'version' | 'due_us' | 'after_us' | 'decided_us' | 'backfill_id' | 'backfill_ordinal'
> & {
  counted_us: Micros | null;
  tasks_total: number | null;
  /** Its longest transition; null if none was measured. */
  slowest_us: Micros | null;
  /** Null to keep the keys that the index already has. */
  keys: RunKeys['keys'] | null;
};

/** A task instance of an active run whose end is counted. */
export interface EmittedTask extends CountedEnd {
  run: number;
  task_id: string;
  map_index: number;
}

/** Everything that one poll has found, written in one transaction. */
export interface Delta {
  progress: Progress;
  runs: IndexedRun[];
  /** Runs that the source deleted while they were active. */
  deletedRuns: number[];
  emitted: EmittedTask[];
  /** Runs that have ended: their emitted tasks are deleted. */
  settledRuns: number[];
  series: Iterable<Series>;
  promises: PromiseDelta;
  rings: readonly RingRow[];
  /** Outages that are counted from now on, by their start. */
  countedOutages: readonly Micros[];
  outageRuns: { from_us: Micros; run: number; delayed_us: Micros }[];
}
