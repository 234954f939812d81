import type { DagRunState, TaskInstanceState } from '../states.ts';
import type { Timestamp } from './page.ts';
import type { Waiting } from './waiting.ts';

/** Where a person goes next. `graph` and `gantt` are URLs that show that view of that run; `external` is the source's own UI; null where it has none, or no longer has the run. */
export interface RunLinks {
  /** Relative to Grafana's root when it points at our own run page, absolute when it points into Airflow. */
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
  /** end (or now, while it runs) − start; null before it started. */
  duration_seconds: number | null;
  /** start − queued_at; null where either is missing. */
  queue_seconds: number | null;
  /** The source's clock when this was answered: what lasts is measured up to it, never up to the reader's own clock. */
  now: Timestamp;
  /** When a running run will end, by the usual durations of what is left of it; null when it has ended or too little is known. */
  expected_end: Timestamp | null;
  /** Why an unfinished run as a whole does not proceed (it is queued, or its DAG is paused); null if nothing holds it back. */
  waiting: Waiting | null;
  /** Business keys found for the run, e.g. `{"user_id": "42"}`. */
  keys: Record<string, string[]>;
  /** The source was asked and no longer has it: it was deleted or cleaned, so that there is nothing of it to open there. */
  gone: boolean;
  links: RunLinks;
}

/** How far a run has come. `current` names what it stands at now: running tasks first, else what waits; empty when finished well. */
export interface RunProgress {
  tasks_done: number;
  tasks_total: number;
  current: {
    task_id: string;
    map_index: number;
    state: TaskInstanceState;
    since: Timestamp | null;
    /** Null for what runs or has ended. */
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
  /** Null when the source no longer has the run's rows, and for runs that were successful before they could be counted. */
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
  /** How many runs these are taken from. */
  runs: number;
}

export interface DagSummary {
  source: string;
  dag_id: string;
  is_paused: boolean;
  runs_active: number;
  last_run: RunSummary | null;
  /** Null where the source names none. */
  owner: string | null;
  tags: string[];
  /** Start to end of the last successful runs; null until there are any. */
  usual: UsualDuration | null;
}

/** A business key by which runs are found, where it is read from, and values of runs in the asked range, newest first. */
export interface BusinessKey {
  key: string;
  /** Rule by source, e.g. `conf.user_id`. */
  rules: { source: string; rule: string }[];
  values: string[];
}
