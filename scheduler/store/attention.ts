import type { AbandonedAttempt } from '../core/worklist.ts';
import type { Queryable } from './database.ts';
import { DAG_IS_DUE } from './timetables.ts';

/** The result of a lane's poll: work whose notification was missed, and work that is due. */
export interface Attention {
  /** Runs with something due, and runs that no pass has examined for a while. */
  runIds: number[];
  abandoned: AbandonedAttempt[];
  runsWait: boolean;
  /** Seconds until the next retry, poke or scheduled run is due; null if there is none within the next minute. */
  nextDueSeconds: number | null;
  dagsDue: boolean;
}

export interface AttentionLimits {
  lane: string;
  thresholdSeconds: number;
  /** Whether late heartbeats count. They don't shortly after a start or an outage of the database. */
  judgeAbandoned: boolean;
  staleSeconds: number;
}

/** Reads everything that a lane's scheduler must not miss, in one query. */
export async function findAttention(db: Queryable, limits: AttentionLimits): Promise<Attention> {
  const { rows } = await db.query<{
    run_ids: number[] | null;
    abandoned: AbandonedAttempt[] | null;
    runs_wait: boolean;
    dags_due: boolean;
    next_due: number | null;
  }>({
    name: 'attention',
    text: ATTENTION,
    values: [limits.lane, limits.thresholdSeconds, limits.judgeAbandoned, limits.staleSeconds],
  });
  const row = rows[0]!;
  return {
    runIds: row.run_ids ?? [],
    abandoned: row.abandoned ?? [],
    runsWait: row.runs_wait,
    dagsDue: row.dags_due,
    nextDueSeconds: row.next_due,
  };
}

const ATTENTION = `
with now as materialized (select clock_timestamp() as now),
due as (
  select ti.dag_run_id, ti.next_try_at
    from now, runbeat.task_instance ti join runbeat.dag_run r on r.id = ti.dag_run_id
   where ti.next_try_at <= now.now + interval '1 minute' and r.state = 'running' and r.lane = $1
), live_worker as materialized (
  select j.id from now, runbeat.job j
   where j.job_type = 'WorkerJob' and j.state = 'running'
     and j.latest_heartbeat > now.now - $2 * interval '1 second'
), abandoned as (
  select ti.id, ti.try_number, ti.dag_run_id
    from runbeat.task_instance ti join runbeat.dag_run r on r.id = ti.dag_run_id
   where $3 and ti.state = 'running' and r.lane = $1
     and not exists (select from live_worker w where w.id = ti.worker_job_id)
), unseen as (
  select r.id from now, runbeat.dag_run r
   where r.state = 'running' and r.lane = $1
     and (r.last_scheduling_decision is null
          or r.last_scheduling_decision < now.now - $4 * interval '1 second')
   order by r.last_scheduling_decision nulls first limit 100
)
select (select array_agg(distinct id) from (
          select dag_run_id as id from due, now where next_try_at <= now.now
          union all select id from unseen) as found) as run_ids,
       (select json_agg(json_build_object('id', id, 'tryNumber', try_number, 'dagRunId', dag_run_id)) from abandoned) as abandoned,
       exists (select from runbeat.dag d where d.lane = $1 and not d.is_paused and exists (
          select from runbeat.dag_run q where q.dag_id = d.dag_id and q.state = 'queued')) as runs_wait,
       exists (select from runbeat.dag d where d.lane = $1 and ${DAG_IS_DUE}) as dags_due,
       (select extract(epoch from min(at) - (select now from now))::float8 from (
          select next_try_at as at from due, now where next_try_at > now.now
          union all
          select d.next_dagrun_create_after from runbeat.dag d, now
           where d.lane = $1 and not d.is_paused and not d.is_stale and d.next_dagrun_create_after > now.now) as upcoming) as next_due`;

/** Every running run of the lane, which a scheduler examines when it starts or has reconnected. */
export async function runningRuns(db: Queryable, lane: string): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    "select id from runbeat.dag_run where state = 'running' and lane = $1 order by id",
    [lane],
  );
  return rows.map(({ id }) => id);
}
