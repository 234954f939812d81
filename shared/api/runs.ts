import type { DagRunState, TaskInstanceState } from '../states.ts';
import type { Timestamp } from './page.ts';
import type { Waiting } from './waiting.ts';

/** Links to views of a run. `external` is its page in the source's UI; null if there is none, or the source no longer has the run. */
export interface RunLinks {
  /** Relative to Grafana's root if it is our own run page, absolute if it is in Airflow. */
  graph: string;
  gantt: string;
  external: string | null;
}

export interface RunSummary {
  source: string;
  dag_id: string;
  run_id: string;
  run_type: string;
  /** Null for Airflow 3 runs without one. */
  logical_date: Timestamp | null;
  state: DagRunState;
  queued_at: Timestamp | null;
  start_date: Timestamp | null;
  end_date: Timestamp | null;
  /** end (or now, if it is running) − start; null before it started. */
  duration_seconds: number | null;
  /** start − queued_at; null if either is missing. */
  queue_seconds: number | null;
  /** The source's time of this response. Unfinished durations are measured up to it, not up to the client's clock. */
  now: Timestamp;
  /** When an active run will end, by the usual durations of its remaining tasks; null if it has ended or too little is known. */
  expected_end: Timestamp | null;
  /** Why an unfinished run as a whole does not proceed (it is queued, or its DAG is paused); null if nothing holds it back. */
  waiting: Waiting | null;
  /** Business keys found for the run, e.g. `{"user_id": "42"}`. */
  keys: Record<string, string[]>;
  /** Whether the source no longer has the run, because it was deleted there. */
  gone: boolean;
  links: RunLinks;
}

/** Progress of a run. `current` contains its running tasks or, if there are none, waiting or failed ones; empty after a success. */
export interface RunProgress {
  tasks_done: number;
  tasks_total: number;
  current: {
    task_id: string;
    map_index: number;
    state: TaskInstanceState;
    since: Timestamp | null;
    /** Null if the task is running or has ended. */
    waiting: Waiting | null;
  }[];
}

export interface LookupItem {
  source: string;
  key: string;
  value: string;
  dag_id: string;
  run_id: string;
  logical_date: Timestamp | null;
  state: DagRunState;
  start_date: Timestamp | null;
  end_date: Timestamp | null;
  duration_seconds: number | null;
  /** As in RunSummary. */
  now: Timestamp;
  /** As in RunSummary. */
  expected_end: Timestamp | null;
  /** Null if the source no longer has the run's rows, and for runs that succeeded before they could be counted. */
  progress: RunProgress | null;
  /** As RunSummary.waiting. */
  waiting: Waiting | null;
  /** As RunSummary.gone. */
  gone: boolean;
  links: RunLinks;
}

/** Durations of the last successful runs (at most 32). */
export interface UsualDuration {
  p50_seconds: number;
  p95_seconds: number;
  /** Number of runs that these are computed from. */
  runs: number;
}

export interface DagSummary {
  source: string;
  dag_id: string;
  is_paused: boolean;
  runs_active: number;
  last_run: RunSummary | null;
  /** Null if the source names none. */
  owner: string | null;
  tags: string[];
  /** Durations of the last successful runs; null until there are any. */
  usual: UsualDuration | null;
}

/** A business key for looking up runs, where it is read from, and its values in runs of the requested range, newest first. */
export interface BusinessKey {
  key: string;
  /** Rule by source, e.g. `conf.user_id`. */
  rules: { source: string; rule: string }[];
  values: string[];
}
