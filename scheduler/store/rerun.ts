import type pg from 'pg';
import type { TaskInstanceState } from '../../shared/states.ts';
import type { DagDefinition } from '../core/definition.ts';
import { lockLane } from './passTransaction.ts';

/** A run that no pass examines until the transaction ends, with the data that clearing it needs. */
export interface LockedRun {
  id: number;
  lane: string;
  definition: DagDefinition;
  states: Map<string, TaskInstanceState>;
}

export async function lockRun(client: pg.ClientBase, dagId: string, runId: string): Promise<LockedRun | null> {
  const lanes = await client.query<{ lane: string }>(
    'select lane from runbeat.dag_run where dag_id = $1 and run_id = $2',
    [dagId, runId],
  );
  if (!lanes.rows[0]) return null;
  await lockLane(client, lanes.rows[0].lane);
  // Also lock the row, because the archive does not use the locks of lanes.
  const { rows } = await client.query<{ id: number; lane: string; data: DagDefinition }>(
    `select r.id, r.lane, v.data from runbeat.dag_run r join runbeat.dag_version v on v.id = r.dag_version_id
      where r.dag_id = $1 and r.run_id = $2 for update of r`,
    [dagId, runId],
  );
  const run = rows[0];
  if (!run) return null;
  const tasks = await client.query<{ task_id: string; state: TaskInstanceState }>(
    'select task_id, state from runbeat.task_instance where dag_run_id = $1 order by id',
    [run.id],
  );
  const states = new Map(tasks.rows.map((row) => [row.task_id, row.state]));
  return { id: run.id, lane: run.lane, definition: run.data, states };
}

/**
 * Clears tasks: they have no state and all their retries again. Their earlier tries are recorded in task_instance_history. The run
 * continues, and its clear_number grows.
 */
export async function resetTasks(client: pg.ClientBase, run: LockedRun, taskIds: readonly string[]): Promise<void> {
  await client.query(
    `insert into runbeat.task_instance_history
            (task_instance_id, dag_run_id, dag_id, run_id, task_id, map_index, try_number, state, operator, pool, queue,
             scheduled_dttm, queued_dttm, start_date, end_date, reschedules, hostname)
     select id, dag_run_id, dag_id, run_id, task_id, map_index, try_number, state, operator, pool, queue,
            scheduled_dttm, queued_dttm, start_date, end_date, reschedules, hostname
       from runbeat.task_instance
      where dag_run_id = $1 and task_id = any($2) and try_number > 0
     on conflict do nothing`,
    [run.id, taskIds],
  );
  const retries = new Map(run.definition.tasks.map((task) => [task.task_id, task.retries]));
  await client.query(
    `update runbeat.task_instance ti
        set state = null, max_tries = ti.try_number + c.retries, scheduled_dttm = null, queued_dttm = null, start_date = null,
            end_date = null, next_try_at = null, reschedules = 0, worker_job_id = null, hostname = null,
            updated_at = clock_timestamp()
       from unnest($2::text[], $3::int[]) as c(task_id, retries)
      where ti.dag_run_id = $1 and ti.task_id = c.task_id`,
    [run.id, taskIds, taskIds.map((id) => retries.get(id) ?? 0)],
  );
  await client.query(
    `update runbeat.dag_run
        set state = 'running', end_date = null, failure_reason = null, clear_number = clear_number + 1, updated_at = clock_timestamp()
      where id = $1`,
    [run.id],
  );
  await client.query("select pg_notify('runbeat:' || $1, $2)", [run.lane, String(run.id)]);
}
