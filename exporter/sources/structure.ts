/** The part of a task's definition that latency and readiness depend on. */
export interface TaskStructure {
  task_id: string;
  upstream_task_ids: readonly string[];
  /** Tasks further up that it also waits for, because of setups (setupScopes.ts). */
  scope_task_ids: readonly string[];
  trigger_rule: string;
  is_setup: boolean;
  is_teardown: boolean;
  operator: string | null;
  task_group: string | null;
  /** The mapped task group that it is expanded with. Tasks of one group are paired by map_index. */
  mapped_group: string | null;
  /** The loop of Airflow 3.4 whose iterations it is in. */
  loop: LoopPlace | null;
  /** Whether it also waits for its own instance in the previous run. */
  depends_on_past: boolean;
  /** Whether manual runs are skipped when the previous run is determined. */
  past_without_manual: boolean;
  /** Whether it also waits for its direct downstreams in the previous run. */
  waits_for_downstream: boolean;
  /** Limits on its queued and running instances, over all runs and in one run; null for none. */
  max_active_instances: number | null;
  max_active_per_run: number | null;
  is_sensor: boolean;
  /** Whether the scheduler ends it itself, because there is nothing to run. */
  is_empty: boolean;
  /** The delay after a failed try; null if unknown. */
  retry: RetryRule | null;
}

export interface LoopPlace {
  /** Task group of the loop. */
  group: string;
  /** The task that decides on the next iteration, which begins when this task has succeeded. */
  gate: string;
  /** Whether the task is the first one in its iteration. */
  opens: boolean;
}

export interface RetryRule {
  delay_us: number;
  /** Factor from one delay to the next; 1 for a constant delay. */
  factor: number;
  max_delay_us: number | null;
}

/** Tasks by task_id. */
export type DagStructure = ReadonlyMap<string, TaskStructure>;

/** Identifies a structure: by version if the database keeps versions, otherwise the DAG's newest one. */
export interface StructureRef {
  dag_id: string;
  version: string | null;
}

export function structureKey(ref: StructureRef): string {
  return `${ref.dag_id}\u0000${ref.version ?? ''}`;
}

/**
 * The newest version of the DAG among the task instances of a run; null if none names one. If a DAG changes during a run, Airflow 3
 * goes on with its new version, while other instances keep the old one. The ids of versions are UUIDs that begin with the time.
 */
export function newestVersion(tasks: Iterable<{ version: string | null }>): string | null {
  let newest: string | null = null;
  for (const { version } of tasks) if (version !== null && (newest === null || version > newest)) newest = version;
  return newest;
}
