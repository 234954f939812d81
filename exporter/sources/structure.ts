/** What the rules of latency and readiness need of one task of a DAG. */
export interface TaskStructure {
  task_id: string;
  upstream_task_ids: readonly string[];
  trigger_rule: string;
  is_setup: boolean;
  is_teardown: boolean;
  operator: string | null;
  task_group: string | null;
  /** The mapped task group that it is expanded with; tasks of one are paired by map_index. */
  mapped_group: string | null;
  /** The loop of Airflow 3.4 whose iterations it is in. */
  loop: LoopPlace | null;
  /** It also waits for the previous run, so upstreams alone do not make it ready. */
  depends_on_past: boolean;
  /** The previous run is the last one before it that no person started; otherwise, the last one before it. */
  past_without_manual: boolean;
  /** In the previous run, it also waits for the tasks directly downstream of it. */
  waits_for_downstream: boolean;
  /** Limits of its instances that are queued or running, over all runs and in one run; null for none. */
  max_active_instances: number | null;
  max_active_per_run: number | null;
  is_sensor: boolean;
  /** The scheduler ends it itself: there is nothing to run. */
  is_empty: boolean;
  /** When a failed attempt is followed by the next; null where that is not known. */
  retry: RetryRule | null;
}

export interface LoopPlace {
  /** Its task group. */
  group: string;
  /** The task that decides on the next iteration; it begins once that task has succeeded. */
  gate: string;
  /** Nothing comes before the task in its iteration. */
  opens: boolean;
}

export interface RetryRule {
  delay_us: number;
  /** Each further delay is this many times as long; 1 for a constant one. */
  factor: number;
  max_delay_us: number | null;
}

/** Tasks by task_id. */
export type DagStructure = ReadonlyMap<string, TaskStructure>;

/** Names a structure: by version where the database keeps versions, else the DAG's newest. */
export interface StructureRef {
  dag_id: string;
  version: string | null;
}

export function structureKey(ref: StructureRef): string {
  return `${ref.dag_id}\u0000${ref.version ?? ''}`;
}
