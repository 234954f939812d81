import type pg from 'pg';
import { GOOD_TASKS } from './dags.ts';

export interface Verdict {
  lost: number;
  doubled: number;
  stuck: number;
  innocent_failed: number;
}

/** Checks the final states of the runs of good DAGs in the database. `triggered` is the number of created runs. */
export async function judgeRuns(pool: pg.Pool, triggered: number): Promise<Verdict> {
  const { rows } = await pool.query<Verdict & Record<string, unknown>>(
    `with run as (select * from runbeat.dag_run where dag_id like 'good%'),
          task as (select t.* from runbeat.task_instance t join run on run.id = t.dag_run_id)
     select ($1 - (select count(*) from run))::int
            -- Every task of a run that ended well has succeeded, and every earlier attempt is on record.
            + (select coalesce(sum($2 - n), 0)::int from (
                 select count(*) filter (where t.state = 'success') as n
                   from run left join task t on t.dag_run_id = run.id where run.state = 'success' group by run.id) as counts)
            + (select count(*)::int from task t where t.try_number > 1 and t.try_number - 1 <>
                 (select count(*) from runbeat.task_instance_history h where h.task_instance_id = t.id)) as lost,
            (select count(*)::int from runbeat.task_instance_history h join run on run.id = h.dag_run_id
              where h.state = 'success') as doubled,
            (select count(*)::int from run where state in ('queued', 'running'))
            + (select count(*)::int from task t join run on run.id = t.dag_run_id
                where run.end_date is not null and t.end_date is null) as stuck,
            (select count(*)::int from run where state = 'failed') as innocent_failed`,
    [triggered, GOOD_TASKS],
  );
  return rows[0]!;
}

/** By how many finished runs of good DAGs the exporter's counters are too low or too high. It may still be reading. */
export async function judgeExporter(url: string, finished: number): Promise<{ missing: number; surplus: number }> {
  const text = await metricsOf(url);
  const line = /^runbeat_runs_finished_total\{[^}]*dag_id="good_[^}]*\} (\d+)/gm;
  const counted = [...text.matchAll(line)].reduce((sum, [, value]) => sum + Number(value), 0);
  return { missing: Math.max(0, finished - counted), surplus: Math.max(0, counted - finished) };
}

async function metricsOf(url: string): Promise<string> {
  return (await fetch(`${url}/metrics`)).text();
}

/** Whether the exporter has read the source. */
export async function hasSeenSource(url: string): Promise<boolean> {
  const text = await metricsOf(url).catch(() => '');
  return /^runbeat_source_up\{[^}]*\} 1$/m.test(text);
}

/** The runs of good DAGs whose tasks the index does not show as counted, to find out why. */
export async function uncountedRuns(pool: pg.Pool, index: pg.Pool): Promise<string> {
  const { rows: counted } = await index.query<{ id: number }>(
    'select id from runbeat_index.run where counted_us is not null',
  );
  const { rows } = await pool.query<{ run: string }>(
    `select format('%s %s (id %s, queued %s, ended %s)', dag_id, run_id, id, queued_at, end_date) as run
       from runbeat.dag_run where dag_id like 'good%' and end_date is not null and id <> all($1::bigint[])
       order by id limit 50`,
    [counted.map(({ id }) => id)],
  );
  return rows.map(({ run }) => run).join('; ');
}
