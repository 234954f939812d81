import type { DagEdge } from '../dag.ts';
import type { TaskInstanceState } from '../states.ts';
import type { Timestamp } from './page.ts';
import type { RunLinks, RunSummary, UsualDuration } from './runs.ts';
import type { Waiting } from './waiting.ts';

/** One try of a task instance. The timestamps of the newest try are also those of the task instance. */
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
  /** From start to end of this task in the last successful runs of its DAG; null until there are any. */
  usual: UsualDuration | null;
  /** When a running or waiting task will end by usual durations; null if it has ended or is not expected to run. */
  expected_end: Timestamp | null;
  /** Null if the task is running or has ended. */
  waiting: Waiting | null;
  /** URL of this task instance in the source's UI; null if there is none. */
  external: string | null;
  /** Trace id for a tracing system; null if the source sends no traces. */
  trace_id: string | null;
  /** Earlier tries, oldest first, without the newest. Empty if the source keeps none. */
  earlier_attempts: TaskAttempt[];
}

/** The three parts of a transition in order, in seconds; null if the source has no timestamp for a part. */
export interface TransitionStages {
  /** Upstream's end → the scheduler noticed (scheduled_dttm). */
  noticed: number | null;
  /** Noticed → handed to the executor (queued_dttm): pools and concurrency limits. */
  queued: number | null;
  /** Handed over → started: the executor. */
  started: number | null;
}

/** start(next) − max(end(upstreams that its trigger rule waited for)). */
export interface RunTransition {
  /** The upstream that ended last among those that the task waited for. */
  upstream_task_id: string;
  task_id: string;
  map_index: number;
  ended_at: Timestamp;
  started_at: Timestamp;
  /** Negative if the clocks of two machines differ; reported unchanged. */
  seconds: number;
  stages: TransitionStages;
}

/** A transition with the run that it belongs to. */
export interface Transition extends RunTransition {
  source: string;
  dag_id: string;
  run_id: string;
  links: RunLinks;
}

/** How the time of a run is divided, in seconds. The parts of all steps and the tail add up to the run's duration. */
export interface TimeParts {
  /** Until the scheduler noticed that it could proceed. */
  scheduler_seconds: number;
  /** From noticed until it had a slot (pools, limits) and the executor had started it. */
  slot_seconds: number;
  /** Working: the final try. */
  work_seconds: number;
  /** Earlier tries and the delays after them. */
  retry_seconds: number;
  /** Waiting for the previous run's instance of the task (depends_on_past, wait_for_downstream). */
  past_seconds: number;
  /** A rescheduling sensor waited for its condition. */
  sensor_seconds: number;
  /** Deferred to a trigger. */
  deferred_seconds: number;
  /** Waiting that the source's timestamps do not explain, e.g. because Airflow 2 has none between scheduler and slot. */
  unknown_seconds: number;
}

/** One task in the chain that determined when the run ended, with the parts of the time from the end of the previous step to its own end. */
export interface CriticalPathStep extends TimeParts {
  task_id: string;
  map_index: number;
  /** Skipped and upstream_failed tasks are on the path if a later task waited for that decision. */
  state: TaskInstanceState;
}

/** The critical path of a run. Its parts are sums over the steps. */
export interface CriticalPath extends TimeParts {
  steps: CriticalPathStep[];
  /** From the end of the last task to the end of the run. */
  tail_seconds: number;
}

export interface RunDetail {
  run: RunSummary & {
    conf: unknown;
    clear_number: number;
    /** Sentences that explain missing data (e.g. deleted rows, edges of a newer DAG version). */
    notes: string[];
    /** Durations of the last successful runs of the DAG; null until there are any. */
    usual: UsualDuration | null;
    /** Trace id of the run; null if the source sends no traces. */
    trace_id: string | null;
  };
  tasks: TaskInstance[];
  edges: DagEdge[];
  transitions: RunTransition[];
  /** Null until a task has run. */
  critical_path: CriticalPath | null;
}

export interface AttemptLog {
  task_id: string;
  map_index: number;
  try_number: number;
  /** stdout and stderr in the order in which they were written. If `truncated`, the middle is missing. */
  text: string;
  truncated: boolean;
}
