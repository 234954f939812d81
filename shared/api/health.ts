import type { Timestamp } from './page.ts';
import type { RunLinks } from './runs.ts';

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

/** Work that nothing but the scheduler holds back. */
export interface ReadyWork {
  dag_id: string;
  /** Null for a scheduled run that is due and has not been created. */
  run_id: string | null;
  /** Null for a run. */
  task_id: string | null;
  map_index: number | null;
  /** Since when the scheduler could have acted. */
  since: Timestamp;
}

/** The status of one observed database. */
export interface SourceStatus {
  source: string;
  kind: 'runbeat' | 'airflow2' | 'airflow3' | 'unknown';
  /** E.g. "Airflow 3.1 (cc92b33c6709)". */
  version: string | null;
  up: boolean;
  /** Why it is not up, or what can't be read; null if there is no problem. */
  problem: string | null;
  lag_seconds: number | null;
  /** 0 to 1 while the history is being indexed, null when that is done. */
  catchup_progress: number | null;
  oldest_ready_task_age_seconds: number | null;
  /** The work that has this age; null if there is none. */
  oldest_ready: ReadyWork | null;
}

/** A process that an Airflow needs, judged by its heartbeat. */
export interface ComponentStatus {
  component: 'scheduler' | 'triggerer' | 'dag_processor';
  /** Stable name of one process: hostname and job id. */
  instance: string;
  hostname: string | null;
  alive: boolean;
  state: string;
  latest_heartbeat: Timestamp | null;
  heartbeat_age_seconds: number | null;
}

/** Components of a source other than schedulers, and problems in it. Lists contain the oldest 100 entries and the total number. */
export interface SourceHealth {
  source: string;
  /** Live and recently dead components. An Airflow without a separate triggerer or DAG processor has none. */
  components: ComponentStatus[];
  /** Files that can't be imported; null if the role may not read them. */
  import_errors: { total: number; items: { file: string; since: Timestamp | null; error: string | null }[] } | null;
  /** Number of deferred task instances without a live triggerer; null if that can't be read. */
  deferred_unserved: number | null;
  /** DAGs that have not been parsed for ten minutes; null if that is not recorded. */
  unparsed_dags: { total: number; items: { dag_id: string; last_parsed: Timestamp | null }[] } | null;
  /** What is not known, and why, as sentences. */
  notes: string[];
}

/** Interval in which no scheduler of the source was alive; `to` is null while it is ongoing. */
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
