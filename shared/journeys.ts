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
  /** Its parents without those that would close a circle; they stand among the journey's runs, in `ancestors` or in `descendants`. */
  parents: JourneyParent[];
  /**
   * The time before its start in which no run of the key was at work. `to` is null until it has started. Null for
   * the first run, and where another run was still at work.
   */
  gap: { from: Timestamp; to: Timestamp | null; seconds: number } | null;
}

/** Runs of one value of a business key, in the order in which they started (or were asked for, until they start). */
export interface JourneyPage extends Page<JourneyRun> {
  key: string;
  value: string;
  /** Of the whole journey, whatever the page; null where there is no run. */
  total: {
    runs: number;
    /** When the first run was asked for. */
    from: Timestamp;
    /** The end of the last run; null while one has not ended. */
    to: Timestamp | null;
    /** One latency, from the first to the last; up to now while a run has not ended. */
    seconds: number;
    /** The part of it in which no run was at work between two runs. */
    gap_seconds: number;
  } | null;
  /** Parents of this page's runs, and theirs, that have not the key themselves. */
  ancestors: JourneyRun[];
  /** Children of this page's runs, and theirs, that have not the key themselves; in the order in which they were asked for. */
  descendants: JourneyRun[];
  /** What is not known, as text for people. */
  notes: string[];
}
