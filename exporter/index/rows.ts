import type { Series } from '../metrics/series.ts';
import type { Micros, RunKeys, RunRow } from '../sources/rows.ts';

/** Ids that were passed before they could be seen; open until every transaction older than `xmax` is over. */
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
}

export type Progress = Omit<SourceState, 'id' | 'fence'>;

export type IndexedRun = Omit<RunRow, 'version' | 'due_us'> & {
  counted_us: Micros | null;
  tasks_total: number | null;
  /** Its longest transition; null where none was measured. */
  slowest_us: Micros | null;
  /** Null leaves the keys that the index already has. */
  keys: RunKeys['keys'] | null;
};

export interface EmittedTask {
  run: number;
  task_id: string;
  map_index: number;
  end_us: Micros;
}

/** Everything that one poll found out; written in one transaction or not at all. */
export interface Delta {
  progress: Progress;
  runs: IndexedRun[];
  /** Runs that the source deleted while they were active. */
  deletedRuns: number[];
  emitted: EmittedTask[];
  /** Runs that have ended: their emitted tasks need no remembering. */
  settledRuns: number[];
  series: Iterable<Series>;
  outageRuns: { from_us: Micros; run: number; delayed_us: Micros }[];
}
