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
  /** The work that is this old; null when there is none. */
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

/** What a source needs beside schedulers, and what is broken in it. Lists are the oldest 100, with how many there are in all. */
export interface SourceHealth {
  source: string;
  /** Alive and recently dead; an Airflow without triggerer or DAG processor of its own has none. */
  components: ComponentStatus[];
  /** Files that can't be imported; null where the role may not read them. */
  import_errors: { total: number; items: { file: string; since: Timestamp | null; error: string | null }[] } | null;
  /** Deferred task instances that no live triggerer serves; null where that can't be read. */
  deferred_unserved: number | null;
  /** DAGs that have not been parsed for ten minutes; null where that is not recorded. */
  unparsed_dags: { total: number; items: { dag_id: string; last_parsed: Timestamp | null }[] } | null;
  /** What is not known, and why, as text. */
  notes: string[];
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
