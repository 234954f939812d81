import type { SerializedTask } from '../../shared/dag.ts';
import { us, type Dialect } from './dialect.ts';
import { jsonConf } from './jsonConf.ts';
import type { DagStructure } from './structure.ts';

const PACKAGE = 'Runbeat scheduler';

/** The bundled scheduler (schema `runbeat`). Every stamp there is the database's clock. */
export function runbeatDialect(): Dialect {
  return {
    kind: 'runbeat',
    version: PACKAGE,
    ...jsonConf,
    runTable: 'runbeat.dag_run',
    runColumns: `r.id, r.dag_id, r.run_id, r.run_type, r.state, r.clear_number, ${us('r.logical_date')} as logical_us,
      case when r.run_type = 'scheduled' then ${us('r.logical_date')} end as due_us, ${us('r.queued_at')} as queued_us,
      ${us('r.start_date')} as start_us, ${us('r.end_date')} as end_us, r.dag_version_id::text as version`,
    taskSource: 'runbeat.task_instance t on t.dag_run_id = w.run',
    stateColumns: `t.task_id, t.map_index, t.state, ${us('t.scheduled_dttm')} as scheduled_us,
      ${us('t.queued_dttm')} as queued_us, ${us('t.start_date')} as start_us, ${us('t.end_date')} as end_us,
      ${us('t.updated_at')} as updated_us`,
    furtherColumns: `t.try_number, t.max_tries, ${us('t.next_try_at')} as next_try_us, t.reschedules > 0 as rescheduled,
      t.operator, t.pool, t.pool_slots, t.queue, t.hostname, null as version`,
    attemptsQuery: `select h.task_id, h.map_index, h.try_number, h.state, ${us('h.scheduled_dttm')} as scheduled_us,
        ${us('h.queued_dttm')} as queued_us, ${us('h.start_date')} as start_us, ${us('h.end_date')} as end_us, h.hostname
      from runbeat.task_instance_history h where h.dag_run_id = $1 and $2::text is not null and $3::text is not null
      order by h.task_id, h.map_index, h.try_number`,
    schedulersQuery: `select j.id as job_id, j.hostname, j.lane, j.state, ${us('j.start_date')} as start_us,
        ${us('j.latest_heartbeat')} as heartbeat_us, ${us('j.end_date')} as end_us,
        ${us('j.heartbeat_clock')} - ${us('j.latest_heartbeat')} as skew_us
      from runbeat.job j where j.job_type = 'SchedulerJob' order by j.latest_heartbeat desc limit 100`,
    dagsQuery: `select d.dag_id, d.is_paused, d.max_active_tasks, d.max_active_runs,
        ${us('d.next_dagrun_create_after')} as next_run_us
      from runbeat.dag d where not d.is_stale`,
    poolsQuery: 'select p.pool, p.slots from runbeat.slot_pool p',
    structuresQuery: `select v.dag_id, v.id::text as version, v.data from runbeat.dag_version v
      where v.id = any(array_remove($2::text[], null)::bigint[]) and v.dag_id = any($1::text[])`,
    parseStructure: (row) => ({
      ref: { dag_id: row.dag_id as string, version: row.version as string },
      structure: structureOf((row.data as { tasks: SerializedTask[] }).tasks),
    }),
    logQuery: `select l.task_id, l.map_index, l.try_number, l.content as text, l.truncated
      from runbeat.task_log l where l.dag_run_id = $1 order by l.task_id, l.map_index, l.try_number`,
  };
}

function structureOf(tasks: readonly SerializedTask[]): DagStructure {
  return new Map(
    tasks.map((task) => [
      task.task_id,
      {
        task_id: task.task_id,
        upstream_task_ids: task.upstream_task_ids,
        trigger_rule: task.trigger_rule,
        is_setup: false,
        is_teardown: false,
        operator: task.kind,
        task_group: task.task_group,
        mapped_group: null,
        depends_on_past: false,
        max_active_instances: null,
      },
    ]),
  );
}
