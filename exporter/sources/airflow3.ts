import { airflowSchedulersQuery } from './airflow2.ts';
import { us, type Dialect } from './dialect.ts';
import { jsonConf } from './jsonConf.ts';
import { parseAirflowStructure } from './serializedDag.ts';

/** Airflow 3.0 to 3.3: conf is JSONB, tasks name the version of the DAG that they were made from. */
export function airflow3Dialect(version: string): Dialect {
  return {
    kind: 'airflow3',
    version,
    ...jsonConf,
    runTable: 'dag_run',
    runColumns: `r.id, r.dag_id, r.run_id, r.run_type, r.state, r.clear_number, ${us('r.logical_date')} as logical_us,
      case when r.run_type = 'scheduled' then ${us('r.run_after')} end as due_us, ${us('r.queued_at')} as queued_us,
      ${us('r.start_date')} as start_us, ${us('r.end_date')} as end_us, r.created_dag_version_id::text as version`,
    taskSource: 'task_instance t on t.dag_id = w.dag_id and t.run_id = w.run_id',
    stateColumns: `t.task_id, t.map_index, t.state, ${us('t.scheduled_dttm')} as scheduled_us,
      ${us('t.queued_dttm')} as queued_us, ${us('t.start_date')} as start_us, ${us('t.end_date')} as end_us,
      ${us('t.updated_at')} as updated_us`,
    furtherColumns: `t.try_number, coalesce(t.max_tries, 0) as max_tries, null::bigint as next_try_us,
      t.state in ('success', 'failed') and exists (select from task_reschedule s where s.ti_id = t.id) as rescheduled,
      t.operator, t.pool, t.pool_slots, t.queue, t.hostname, t.dag_version_id::text as version`,
    attemptsQuery: `select h.task_id, h.map_index, h.try_number, h.state, ${us('h.scheduled_dttm')} as scheduled_us,
        ${us('h.queued_dttm')} as queued_us, ${us('h.start_date')} as start_us, ${us('h.end_date')} as end_us, h.hostname
      from task_instance_history h where $1::bigint is not null and h.dag_id = $2 and h.run_id = $3
          and h.task_id in (select t.task_id from task_instance t where t.dag_id = $2 and t.run_id = $3)
      order by h.task_id, h.map_index, h.try_number`,
    schedulersQuery: airflowSchedulersQuery,
    dagsQuery: `select d.dag_id, d.is_paused, d.max_active_tasks, coalesce(d.max_active_runs, 16) as max_active_runs,
        ${us('d.next_dagrun_create_after')} as next_run_us
      from dag d where not d.is_stale`,
    poolsQuery: 'select p.pool, p.slots from slot_pool p',
    structuresQuery: `select s.dag_id, s.dag_version_id::text as version, s.data, s.data_compressed from serialized_dag s
      where s.dag_version_id = any(array_remove($2::text[], null)::uuid[]) and s.dag_id = any($1::text[])`,
    parseStructure: parseAirflowStructure,
    logQuery: null,
  };
}
