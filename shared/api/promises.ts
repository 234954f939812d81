import type { DagRunState } from '../states.ts';
import type { Page, Timestamp } from './page.ts';
import type { RunLinks } from './runs.ts';

export const PROMISE_KINDS = ['ends_within', 'starts_within', 'succeeded_within', 'done_by', 'journey'] as const;

export type PromiseKind = (typeof PROMISE_KINDS)[number];

/**
 * `kept`; `at_risk`: not broken yet, but by usual durations it will be; `broken`: overdue, or more runs broke it than its
 * share allows; `paused`: the DAG is paused, so no one waits; `unknown`: the exporter has not seen the DAG yet.
 */
export const PROMISE_STATES = ['kept', 'at_risk', 'broken', 'paused', 'unknown'] as const;

export type PromiseState = (typeof PROMISE_STATES)[number];

/** How many breaks a share of less than 100% allows within the period, and how much of that is left. */
export interface PromiseAllowance {
  /** Length of the period, up to now. */
  period_days: number;
  runs: number;
  broken: number;
  /** (1 − share) × runs; not rounded. */
  allowed: number;
  /** (allowed − broken) / allowed: 1 if nothing is used, 0 if it is used up, negative if exceeded; 1 while there are no runs. */
  left: number;
}

/** The present status of one promise for one DAG. */
export interface PromiseStatus {
  promise: string;
  kind: PromiseKind;
  source: string;
  dag_id: string;
  owner: string | null;
  tags: string[];
  /** Null for `done_by`. */
  limit_seconds: number | null;
  /** Share of the runs or journeys that keep it, above 0 and below 1; 1 for `done_by` and `succeeded_within`. */
  share: number;
  /** Only for `journey`: the business key, and the DAGs whose runs are arrivals. `dag_id` is the DAG that decides. */
  journey: { key: string; from: string } | null;
  /** Only for `done_by`: local time, IANA time zone and days as in runbeat.yaml. */
  done_by: { time: string; timezone: string; days: string } | null;
  state: PromiseState;
  /** One sentence that explains the state. */
  reason: string;
  /** When it breaks next unless something happens before then; null if nothing is due. */
  due_at: Timestamp | null;
  /** Seconds until `due_at`; 0 if that has passed, null if it is null. */
  remaining_seconds: number | null;
  /** How long `done_by` or `succeeded_within` has been broken; 0 while kept. */
  overdue_seconds: number;
  /** Null for `done_by` and `succeeded_within`, which allow nothing. */
  allowance: PromiseAllowance | null;
  /** Verdicts of each day (UTC) in the period that has any, oldest first. */
  history: { day: string; kept: number; broken: number }[];
  /** Active runs that are expected to break it, in the order in which they do. */
  will_miss: { run_id: string; expected_end: Timestamp; due_at: Timestamp; links: RunLinks }[];
}

/** Result of the last load of runbeat.yaml. If the file is invalid, the previous promises stay in force. */
export interface PromiseConfiguration {
  /** Null if there is no file. */
  file: string | null;
  loaded_at: Timestamp;
  /** Problems of the present file, one line each; empty if it is in force. */
  problems: string[];
  /** Suspicious entries that are in force, e.g. a pattern that matches no DAG. */
  warnings: string[];
}

export interface PromisePage extends Page<PromiseStatus> {
  configuration: PromiseConfiguration;
}

/** One break of a promise. */
export interface PromiseBreak {
  promise: string;
  kind: PromiseKind;
  source: string;
  dag_id: string;
  /** When its limit had passed. */
  at: Timestamp;
  /** The run that broke it; for a journey, its arrival. Null for `done_by` and `succeeded_within`, which break because no run succeeded. */
  run: { dag_id: string; run_id: string; state: DagRunState; duration_seconds: number | null; links: RunLinks } | null;
  /** The day without a successful run (`done_by`), as YYYY-MM-DD in the promise's time zone. */
  day: string | null;
  /** The value whose journey was not decided in time; `run` is its arrival. */
  journey: { key: string; value: string } | null;
}

/** A limit that is defined in Airflow, as a suggestion for a promise. It causes no alerts. */
export interface PromiseSuggestion {
  source: string;
  dag_id: string;
  /** Origin: the DAG's `dagrun_timeout`, or a deadline (Airflow 3.1 and newer). */
  origin: 'dagrun_timeout' | 'deadline';
  limit_seconds: number;
  /** The entry for runbeat.yaml. */
  yaml: string;
}
