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

/** What a share of less than 100% allows within the period, and what of it is left. */
export interface PromiseAllowance {
  /** The last so many days. */
  period_days: number;
  runs: number;
  broken: number;
  /** (1 − share) × runs; not rounded. */
  allowed: number;
  /** allowed − broken, as a part of allowed: 1 untouched, 0 used up, negative beyond; 1 while there are no runs. */
  left: number;
}

/** One promise to one DAG, as it stands now. */
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
  /** Of `journey` alone: the business key, and the DAGs whose runs are arrivals. `dag_id` is the DAG that decides. */
  journey: { key: string; from: string } | null;
  /** Of `done_by` alone: local time, IANA zone and days as in runbeat.yaml. */
  done_by: { time: string; timezone: string; days: string } | null;
  state: PromiseState;
  /** One sentence for a person: why it stands so. */
  reason: string;
  /** When it breaks next unless something happens before; null when nothing is awaited. */
  due_at: Timestamp | null;
  /** Seconds until `due_at`; 0 when that is past, null without one. */
  remaining_seconds: number | null;
  /** How long `done_by` or `succeeded_within` has been broken; 0 while kept. */
  overdue_seconds: number;
  /** Null for `done_by` and `succeeded_within`, which allow nothing. */
  allowance: PromiseAllowance | null;
  /** What was kept and broken on each day (UTC) of the period on which anything was, oldest first. */
  history: { day: string; kept: number; broken: number }[];
  /** Active runs that will break it by their expected end, the first to break first. */
  will_miss: { run_id: string; expected_end: Timestamp; due_at: Timestamp; links: RunLinks }[];
}

/** How runbeat.yaml was read last. Promises of a faulty edit are not taken over: the former ones stay in force. */
export interface PromiseConfiguration {
  /** Null when there is no file. */
  file: string | null;
  loaded_at: Timestamp;
  /** What is wrong with the present file, a line each; empty when it is in force. */
  problems: string[];
  /** What is odd and in force nevertheless, e.g. a pattern that matches no DAG. */
  warnings: string[];
}

export interface PromisePage extends Page<PromiseStatus> {
  configuration: PromiseConfiguration;
}

/** One time that a promise was broken. */
export interface PromiseBreak {
  promise: string;
  kind: PromiseKind;
  source: string;
  dag_id: string;
  /** The moment that its time was up. */
  at: Timestamp;
  /** The run that broke it, of a journey its arrival; null for `done_by` and `succeeded_within`, which break because no run succeeded. */
  run: { dag_id: string; run_id: string; state: DagRunState; duration_seconds: number | null; links: RunLinks } | null;
  /** The day whose run was missing (`done_by`), as YYYY-MM-DD in the promise's zone. */
  day: string | null;
  /** The value whose journey was not decided in time; `run` is its arrival. */
  journey: { key: string; value: string } | null;
}

/** A limit that Airflow itself knows, for a person to take over as a promise; it never alerts by itself. */
export interface PromiseSuggestion {
  source: string;
  dag_id: string;
  /** Where it comes from: the DAG's `dagrun_timeout`, or a deadline (Airflow 3.1 and newer). */
  origin: 'dagrun_timeout' | 'deadline';
  limit_seconds: number;
  /** The entry for runbeat.yaml. */
  yaml: string;
}
