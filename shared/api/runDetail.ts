import type { DagEdge } from '../dag.ts';
import type { TaskInstanceState } from '../states.ts';
import type { Timestamp } from './page.ts';
import type { RunLinks, RunSummary, UsualDuration } from './runs.ts';
import type { Waiting } from './waiting.ts';

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
  /** Start to end of this task in the last successful runs of its DAG; null until there are any. */
  usual: UsualDuration | null;
  /** When a running or waiting task will end, by usual durations; null when it has ended, or is not expected to run. */
  expected_end: Timestamp | null;
  /** Null for what runs or has ended. */
  waiting: Waiting | null;
  /** This task instance in the source's own UI; null where it has none. */
  external: string | null;
  /** Its trace, by which a tracing system finds it; null where the source sends none. */
  trace_id: string | null;
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
export interface RunTransition {
  /** The upstream that ended last among those waited for. */
  upstream_task_id: string;
  task_id: string;
  map_index: number;
  ended_at: Timestamp;
  started_at: Timestamp;
  /** Negative when the clocks of two machines differ; reported as it is. */
  seconds: number;
  stages: TransitionStages;
}

/** A transition among those of other runs. */
export interface Transition extends RunTransition {
  source: string;
  dag_id: string;
  run_id: string;
  links: RunLinks;
}

/** Where the time of a run went, in seconds. The parts of all steps and the tail add up to the run's duration. */
export interface TimeParts {
  /** Until the scheduler noticed that it could go on. */
  scheduler_seconds: number;
  /** Noticed, until it had a slot (pools, limits) and the executor had started it. */
  slot_seconds: number;
  /** Working: the attempt that decided. */
  work_seconds: number;
  /** Earlier attempts and the delays after them. */
  retry_seconds: number;
  /** The previous run's instance of the task (depends_on_past, wait_for_downstream). */
  past_seconds: number;
  /** A sensor that gave its slot back between pokes. */
  sensor_seconds: number;
  /** Deferred to a trigger. */
  deferred_seconds: number;
  /** Waiting that the source's timestamps do not explain, e.g. Airflow 2 has none between scheduler and slot. */
  unknown_seconds: number;
}

/** One task on the chain that decided when the run ended, with the parts of the time from the step before to its own end. */
export interface CriticalPathStep extends TimeParts {
  task_id: string;
  map_index: number;
  /** Skipped and upstream_failed tasks are on the path where a later task waited for that decision. */
  state: TaskInstanceState;
}

/** The parts are the sums over the steps. */
export interface CriticalPath extends TimeParts {
  steps: CriticalPathStep[];
  /** From the end of the last task to the end of the run. */
  tail_seconds: number;
}

export interface RunDetail {
  run: RunSummary & {
    conf: unknown;
    clear_number: number;
    /** Why something is missing here, in words for a person (e.g. rows cleaned, edges of a newer DAG version). */
    notes: string[];
    /** Start to end of the last successful runs of the DAG; null until there are any. */
    usual: UsualDuration | null;
    /** The trace of the run; null where the source sends none. */
    trace_id: string | null;
  };
  tasks: TaskInstance[];
  edges: DagEdge[];
  transitions: RunTransition[];
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
