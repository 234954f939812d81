import type { Page, RunSummary, Timestamp } from './api.ts';

/** How a parent was found: the bundled scheduler's record, the run's conf, its run_id, or an asset event. */
export const PARENT_EVIDENCE = ['triggered_by', 'conf', 'run_id', 'asset_event'] as const;

/** A run that started another one. */
export interface JourneyParent {
  source: string;
  dag_id: string;
  run_id: string;
  found_by: (typeof PARENT_EVIDENCE)[number];
}

/** One run of a journey. */
export interface JourneyRun extends RunSummary {
  /** Its parents, without those that would create a cycle. They are among the journey's runs, in `ancestors` or in `descendants`. */
  parents: JourneyParent[];
  /**
   * The time before its start in which no run with the key was running. `to` is null until the run has started. The gap is null for the
   * first run, or if another run was still running.
   */
  gap: { from: Timestamp; to: Timestamp | null; seconds: number } | null;
}

/** Runs with one value of a business key, in the order in which they started (or were requested, until they start). */
export interface JourneyPage extends Page<JourneyRun> {
  key: string;
  value: string;
  /** Totals of the whole journey, regardless of the page; null if there are no runs. */
  total: {
    runs: number;
    /** When the first run was requested. */
    from: Timestamp;
    /** End of the last run; null while any run has not ended. */
    to: Timestamp | null;
    /** Latency from `from` to `to`, or to now while `to` is null. */
    seconds: number;
    /** The part of it between runs in which no run was running. */
    gap_seconds: number;
  } | null;
  /** Ancestors of this page's runs that do not have the key themselves. */
  ancestors: JourneyRun[];
  /** Descendants of this page's runs that do not have the key themselves, in the order in which they were requested. */
  descendants: JourneyRun[];
  /** What is not known, as sentences. */
  notes: string[];
}
