import type { Page, RunDetail, RunSummary, SourceStatus } from '../../../shared/api.ts';
import { API_PREFIX, runPath } from '../../../shared/api.ts';
import type { Airflow } from '../lab/airflow.ts';
import { SOURCE, type Observer } from '../live/observer.ts';

/** The scheduler's progress according to its timestamps. Ages are in seconds. */
const PACE = `
  select round(extract(epoch from now() - (select max(latest_heartbeat) from job where job_type = 'SchedulerJob'))::numeric, 1) as beat,
         round(extract(epoch from now() - max(last_scheduling_decision))::numeric, 1) as newest_look,
         round(extract(epoch from now() - min(last_scheduling_decision) filter (where state = 'running'))::numeric, 1) as oldest_look,
         round(extract(epoch from now() - (select max(queued_dttm) from task_instance))::numeric, 1) as last_queued,
         count(*) filter (where state = 'running') as running_runs,
         count(*) filter (where state = 'queued') as queued_runs,
         (select json_object_agg(state, n) from (select coalesce(state, 'none') as state, count(*) as n from task_instance
           where state is null or state in ('scheduled', 'queued', 'running', 'deferred', 'up_for_retry', 'up_for_reschedule') group by 1) s) as tasks
    from dag_run`;

const RUN = `
  select state, queued_at::time(1)::text, start_date::time(1)::text as start, last_scheduling_decision::time(1)::text as looked,
         now()::time(1)::text as now from dag_run where dag_id = $1 and run_id = $2`;

/** Since 3.4, map_index is called region_index, and earlier tries are in the same table. */
const TASKS = `
  select t.task_id, coalesce(to_jsonb(t) ->> 'map_index', to_jsonb(t) ->> 'region_index')::int as map_index, t.try_number, state, updated_at::time(1)::text as updated, queued_dttm::time(1)::text as queued,
         start_date::time(1)::text as start, end_date::time(1)::text as end
    from task_instance t where dag_id = $1 and run_id = $2 order by start_date nulls last`;

/** Transactions that have been open for long, and may hold locks that the scheduler needs. */
const OPEN = `
  select pid, round(extract(epoch from now() - xact_start)::numeric, 1) as seconds, wait_event, left(query, 100) as query
    from pg_stat_activity where datname = current_database() and xact_start < now() - interval '2 seconds'`;

const DUE = `
  select dag_id, next_dagrun_create_after::text as due, max_active_runs,
         (select count(*) from dag_run r where r.dag_id = d.dag_id and r.state in ('queued', 'running')) as active
    from dag d where next_dagrun_create_after <= now() and not is_paused
     and max_active_runs > (select count(*) from dag_run r where r.dag_id = d.dag_id and r.state in ('queued', 'running'))`;

/** The work that the exporter reports as neglected, with Airflow's timestamps of it and of its run; one line each. */
export async function offenders(airflow: Airflow, observer: Observer, ageSeconds: number): Promise<string[]> {
  const { items: sources } = await observer.get<Page<SourceStatus>>('/sources');
  const lines = [
    `  oldest ${JSON.stringify(sources[0]!.oldest_ready)}`,
    `  pace ${JSON.stringify((await airflow.query(PACE))[0])}`,
  ];
  const before = Date.now() - (ageSeconds - 5) * 1_000;
  const old = (since: string | null | undefined): boolean => since != null && Date.parse(since) < before;
  for (const state of ['queued', 'running']) {
    const { items } = await observer.get<Page<RunSummary>>(`/runs?state=${state}&limit=200`);
    for (const { dag_id, run_id } of items) {
      const detail = await observer.get<RunDetail>(runPath(SOURCE, dag_id, run_id).slice(API_PREFIX.length));
      const left = [{ task_id: null, map_index: -1, waiting: detail.run.waiting }, ...detail.tasks].filter(
        ({ waiting }) => waiting?.reason === 'scheduler' && old(waiting.since),
      );
      if (left.length === 0) continue;
      lines.push(`  ${dag_id} ${run_id} ${JSON.stringify((await airflow.query(RUN, [dag_id, run_id]))[0])}`);
      for (const { task_id, map_index, waiting } of left)
        lines.push(`    ${task_id ?? 'the run'} ${map_index} since ${waiting!.since}: ${waiting!.detail}`);
      for (const task of await airflow.query(TASKS, [dag_id, run_id])) lines.push(`      ${JSON.stringify(task)}`);
    }
  }
  for (const open of await airflow.query(OPEN)) lines.push(`  open ${JSON.stringify(open)}`);
  for (const due of await airflow.query(DUE)) lines.push(`  due ${JSON.stringify(due)}`);
  return lines;
}
