import type pg from 'pg';
import { WRITTEN_TWICE } from './simulation.ts';

export interface Total {
  metric: string;
  labels: string;
  count: number;
  /** Microseconds. 0 for the task whose end is written twice, because either duration may be counted. */
  sum: number;
}

/** All ends since the exporter started, each once: of present rows, and of rows that were cleared or deleted. */
const ENDED = `
  all_run as (select * from oracle.present_run union all select * from oracle.buried_run),
  all_task as (select t.*, r.clear_number from oracle.present_task t join oracle.present_run r on r.id = t.dag_run_id
    union all select t.*, r.clear_number from oracle.buried_task t
      join oracle.buried_run r on r.id = t.dag_run_id and r.end_date is not null),
  run as (select distinct on (r.id, r.end_date) r.* from all_run r where r.end_date is not null
    and not exists (select from oracle.history h where h.dag_run_id = r.id and h.task_id is null and h.end_date = r.end_date)),
  task as (select distinct on (t.dag_run_id, t.task_id, t.map_index, t.start_date) t.* from all_task t where t.end_date is not null
    and not exists (select from oracle.history h where h.dag_run_id = t.dag_run_id and h.task_id = t.task_id
      and h.map_index = t.map_index and h.start_date = t.start_date)
    order by t.dag_run_id, t.task_id, t.map_index, t.start_date, t.clear_number),
  ran as (select * from task where state in ('success', 'failed') and not is_marked),
  step as (select t.dag_run_id, t.dag_id, t.task_id, t.map_index, t.start_date, t.queued_dttm, t.scheduled_dttm, e.rule,
      case when e.rule = 'one_success' then min(u.end_date) filter (where u.state = 'success') else max(u.end_date) end as ready,
      array_agg(u.end_date) filter (where u.state in ('success', 'failed') and not u.is_marked) as ends
    from ran t join oracle.edge e on e.down = t.task_id
    join all_task u on u.dag_run_id = t.dag_run_id and u.task_id = e.up and u.clear_number = t.clear_number
    where t.clear_number = 0 and t.try_number = 1 and t.reschedules = 0 and t.queued_dttm <= t.start_date and e.rule <> 'always'
    group by 1, 2, 3, 4, 5, 6, 7, 8),
  transition as (select *, us(start_date - ready) as length from step where ready = any(ends))`;

/**
 * The expected counters, by plain SQL over the whole database. It follows the documented rules and shares no code with the
 * exporter.
 */
const TOTALS = `with ${ENDED}
  select 'runbeat_runs_finished_total' as metric, dag_id || ',' || state as labels, count(*)::float8 as count, 0::float8 as sum
    from run group by 2
  union all select 'runbeat_run_duration_seconds', dag_id || ',' || state, count(*), sum(us(end_date - start_date)) from run group by 2
  union all select 'runbeat_run_queue_seconds', dag_id, count(*), sum(us(start_date - queued_at)) from run group by 2
  union all select 'runbeat_tasks_finished_total', dag_id || ',' || state, count(*), 0 from task group by 2
  union all select 'runbeat_task_duration_seconds', dag_id || ',' || task_id, count(*),
      case when task_id = '${WRITTEN_TWICE}' then 0 else sum(us(end_date - start_date)) end
    from ran where reschedules = 0 group by 2, task_id
  union all select 'runbeat_task_queue_seconds', dag_id, count(*), sum(us(start_date - queued_dttm))
    from ran where start_date >= queued_dttm group by 2
  union all select 'runbeat_task_transition_seconds', dag_id, count(*), sum(length) from transition where length >= 0 group by 2
  union all select 'runbeat_task_transition_negative_total', dag_id, count(*), 0 from transition where length < 0 group by 2
  union all select 'runbeat_task_transition_stage_seconds', dag_id || ',noticed', count(*), sum(us(scheduled_dttm - ready))
    from transition where length >= 0 and scheduled_dttm >= ready group by 2
  union all select 'runbeat_task_transition_stage_seconds', dag_id || ',queued', count(*), sum(us(queued_dttm - scheduled_dttm))
    from transition where length >= 0 group by 2
  union all select 'runbeat_task_transition_stage_seconds', dag_id || ',started', count(*), sum(us(start_date - queued_dttm))
    from transition where length >= 0 group by 2`;

export async function oracleTotals(pool: pg.Pool): Promise<Total[]> {
  await pool.query(`create or replace function us(i interval) returns float8 language sql immutable
    return extract(epoch from i) * 1000000`);
  await pool.query('analyze');
  const client = await pool.connect();
  // The planner has no statistics for the unions above, and would choose a nested loop over a million rows.
  await client.query(`set enable_nestloop = off; set work_mem = '256MB'; set jit = off`);
  const { rows } = await client.query<Total>(TOTALS);
  client.release(true);
  return sorted(rows);
}

/** The exporter's counters, from its index. */
export async function countedTotals(pool: pg.Pool): Promise<Total[]> {
  const { rows } = await pool.query<Total>(
    `select metric, array_to_string(labels, ',') as labels, count::float8 as count,
       case when metric = 'runbeat_task_duration_seconds' and labels[2] = '${WRITTEN_TWICE}' then 0 else sum_us::float8 end as sum
     from series where count > 0 and labels[1] <> 'odd'`,
  );
  return sorted(rows);
}

function sorted(totals: Total[]): Total[] {
  return totals.sort((a, b) => (`${a.metric}{${a.labels}}` < `${b.metric}{${b.labels}}` ? -1 : 1));
}
