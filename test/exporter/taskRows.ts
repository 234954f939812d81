import type { TaskRow } from '../../exporter/sources/rows.ts';
import type { DagStructure, TaskStructure } from '../../exporter/sources/structure.ts';

/** A task instance that has succeeded, unless `more` says otherwise. */
export function task(
  task_id: string,
  start_us: number | null,
  end_us: number | null,
  more: Partial<TaskRow> = {},
): TaskRow {
  return {
    run: 1,
    task_id,
    map_index: -1,
    state: 'success',
    try_number: 1,
    max_tries: 0,
    scheduled_us: null,
    queued_us: null,
    start_us,
    end_us,
    updated_us: null,
    next_try_us: null,
    trigger_timeout_us: null,
    rescheduled: false,
    operator: null,
    pool: 'default_pool',
    pool_slots: 1,
    priority_weight: 1,
    queue: 'default',
    executor: null,
    hostname: 'host',
    version: null,
    ...more,
  };
}

/** A DAG from the upstreams of its tasks, which have the defaults unless `more` says otherwise. */
export function structure(
  upstreams: Record<string, string[]>,
  more: Record<string, Partial<TaskStructure>> = {},
): DagStructure {
  return new Map(
    Object.entries(upstreams).map(([task_id, upstream_task_ids]) => [
      task_id,
      {
        task_id,
        upstream_task_ids,
        scope_task_ids: [],
        trigger_rule: 'all_success',
        is_setup: false,
        is_teardown: false,
        operator: null,
        task_group: null,
        mapped_group: null,
        loop: null,
        depends_on_past: false,
        past_without_manual: false,
        waits_for_downstream: false,
        max_active_instances: null,
        max_active_per_run: null,
        is_sensor: false,
        is_empty: false,
        retry: null,
        ...more[task_id],
      },
    ]),
  );
}
