import type { DagEdge } from './dag.ts';
import type { DagRunState, TaskInstanceState } from './states.ts';

/**
 * The exporter's HTTP API: paths and the shapes that it answers with. The exporter's schemas are checked against these
 * types by the compiler; the plugin reads nothing else. Times are RFC 3339 strings in UTC with microseconds where the
 * source has them; durations are seconds; a page is `items` and an opaque `next_cursor` (null on the last page).
 */

export const API_PREFIX = '/api/v1';
export const API_PATHS = {
  lookup: `${API_PREFIX}/lookup`,
  runs: `${API_PREFIX}/runs`,
  run: `${API_PREFIX}/runs/{source}/{dag_id}/{run_id}`,
  runLog: `${API_PREFIX}/runs/{source}/{dag_id}/{run_id}/log`,
  dags: `${API_PREFIX}/dags`,
  keys: `${API_PREFIX}/keys`,
  schedulers: `${API_PREFIX}/schedulers`,
  sources: `${API_PREFIX}/sources`,
  outages: `${API_PREFIX}/outages`,
  transitions: `${API_PREFIX}/transitions`,
} as const;

/** Path of one run. Every part is encoded: run ids hold `+`, `:` and, in user-made ones, anything. */
export function runPath(source: string, dagId: string, runId: string): string {
  return `${API_PATHS.runs}/${encodeURIComponent(source)}/${encodeURIComponent(dagId)}/${encodeURIComponent(runId)}`;
}

export type Timestamp = string;

export interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
}

/** Where a person goes next. `graph` and `gantt` are URLs that show that view of that run; `external` is the source's own UI. */
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
  /** Business keys found for the run, e.g. `{"user_id": "42"}`. */
  keys: Record<string, string[]>;
  links: RunLinks;
}

/** How far a run has come. `current` names what it stands at now: running tasks first, else what waits; empty when finished well. */
export interface RunProgress {
  tasks_done: number;
  tasks_total: number;
  current: { task_id: string; map_index: number; state: TaskInstanceState; since: Timestamp | null }[];
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
  /** Null when the source no longer has the run's rows, and for runs that were successful before they could be counted. */
  progress: RunProgress | null;
  links: RunLinks;
}

/** One try of a task instance. The newest is also the task instance's own stamps. */
export interface TaskAttempt {
  try_number: number;
  state: TaskInstanceState;
  scheduled_at: Timestamp | null;
  queued_at: Timestamp | null;
  start_date: Timestamp | null;
  end_date: Timestamp | null;
  duration_seconds: number | null;
  hostname: string | null;
}

export interface TaskInstance extends TaskAttempt {
  task_id: string;
  /** −1 for a task that is not mapped. */
  map_index: number;
  operator: string | null;
  task_group: string | null;
  trigger_rule: string;
  pool: string | null;
  queue: string | null;
  max_tries: number | null;
  /** Earlier attempts, oldest first, without the newest. Empty where the source keeps none. */
  earlier_attempts: TaskAttempt[];
}

/** The three parts of a transition, in the order in which they happen; null where the source has no stamp for it. */
export interface TransitionStages {
  /** Upstream's end → the scheduler noticed (scheduled_dttm). */
  noticed: number | null;
  /** Noticed → handed to the executor (queued_dttm): pools and concurrency limits. */
  queued: number | null;
  /** Handed over → started: the executor. */
  started: number | null;
}

/** start(next) − max(end(upstreams that its trigger rule waited for)). */
export interface Transition {
  source: string;
  dag_id: string;
  run_id: string;
  /** The upstream that ended last among those waited for. */
  upstream_task_id: string;
  task_id: string;
  map_index: number;
  ended_at: Timestamp;
  started_at: Timestamp;
  /** Negative when the clocks of two machines differ; reported as it is. */
  seconds: number;
  stages: TransitionStages;
  links: RunLinks;
}

/** One task on the chain that decided when the run ended. */
export interface CriticalPathStep {
  task_id: string;
  map_index: number;
  /** Waiting for the scheduler to notice and queue it, for a slot, and working; in seconds. */
  waiting_seconds: number;
  queued_seconds: number;
  running_seconds: number;
}

export interface CriticalPath {
  steps: CriticalPathStep[];
  /** Sums over the steps: where did the time go? */
  work_seconds: number;
  scheduler_seconds: number;
  slot_seconds: number;
}

export interface RunDetail {
  run: RunSummary & {
    conf: unknown;
    clear_number: number;
    /** Why something is missing here, in words for a person (e.g. rows cleaned, edges of a newer DAG version). */
    notes: string[];
  };
  tasks: TaskInstance[];
  edges: DagEdge[];
  transitions: Transition[];
  /** Null until something has run. */
  critical_path: CriticalPath | null;
}

export interface AttemptLog {
  task_id: string;
  map_index: number;
  try_number: number;
  /** stdout and stderr in the order written; cut in the middle when `truncated`. */
  text: string;
  truncated: boolean;
}

export interface DagSummary {
  source: string;
  dag_id: string;
  is_paused: boolean;
  runs_active: number;
  last_run: RunSummary | null;
}

export interface SchedulerStatus {
  source: string;
  /** Stable name of one scheduler process: hostname and job id. */
  scheduler: string;
  hostname: string | null;
  /** Lane of the bundled scheduler; null for Airflow. */
  lane: string | null;
  alive: boolean;
  state: string;
  latest_heartbeat: Timestamp | null;
  heartbeat_age_seconds: number | null;
}

/** What the exporter knows of one observed database. */
export interface SourceStatus {
  source: string;
  kind: 'runbeat' | 'airflow2' | 'airflow3' | 'unknown';
  /** E.g. "Airflow 3.1 (cc92b33c6709)". */
  version: string | null;
  up: boolean;
  /** Why it is not up, or what it can't tell; null when all is well. */
  problem: string | null;
  lag_seconds: number | null;
  /** 0 to 1 while the history is being indexed, null when it is done. */
  catchup_progress: number | null;
  oldest_ready_task_age_seconds: number | null;
}

/** Interval in which no scheduler of the source was alive; `to` is null while it lasts. */
export interface Outage {
  source: string;
  from: Timestamp;
  to: Timestamp | null;
  duration_seconds: number;
  delayed_runs: {
    dag_id: string;
    run_id: string;
    keys: Record<string, string[]>;
    delayed_seconds: number;
    links: RunLinks;
  }[];
}

/** A business key by which runs are found, where it is read from, and values of runs in the asked range, newest first. */
export interface BusinessKey {
  key: string;
  /** Rule by source, e.g. `conf.user_id`. */
  rules: { source: string; rule: string }[];
  values: string[];
}

/** RFC 9457 problem; `errors` names each wrong parameter. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  errors?: { parameter: string; message: string }[];
}
