import type { Queryable } from './database.ts';

/** The job that a worker took from the queue for one attempt. */
export interface AttemptClaim {
  id: number;
  tryNumber: number;
  queueJobId: number;
}

/** An attempt that a worker may run now. */
export interface StartedAttempt {
  id: number;
  dag_run_id: number;
  dag_id: string;
  run_id: string;
  task_id: string;
  map_index: number;
  max_tries: number;
  start_date: Date;
  conf: Record<string, unknown>;
  logical_date: Date | null;
  dag_version_id: number;
  lane: string;
}

/**
 * Marks attempts as running, each stamped by the database at this statement, and answers those that were granted: one
 * whose task instance has gone on to another attempt or job is refused.
 */
export async function startAttempts(
  db: Queryable,
  holder: { workerJobId: number; hostname: string },
  claims: readonly AttemptClaim[],
): Promise<StartedAttempt[]> {
  const { rows } = await db.query<StartedAttempt & Record<string, unknown>>({
    name: 'attempts_start',
    text: START,
    values: [
      claims.map((claim) => claim.id),
      claims.map((claim) => claim.tryNumber),
      claims.map((claim) => claim.queueJobId),
      holder.workerJobId,
      holder.hostname,
    ],
  });
  return rows;
}

const START = `
update runbeat.task_instance ti
   set state = 'running',
       -- A sensor that pokes again has been at it since its first poke.
       start_date = case when ti.reschedules > 0 then coalesce(ti.start_date, clock_timestamp()) else clock_timestamp() end,
       end_date = null, worker_job_id = $4, hostname = $5, updated_at = clock_timestamp()
  from unnest($1::bigint[], $2::int[], $3::bigint[]) as claim(id, try_number, queue_job_id), runbeat.dag_run r
 where ti.id = claim.id and ti.try_number = claim.try_number and ti.queue_job_id = claim.queue_job_id
   and r.id = ti.dag_run_id
   -- The second time when the answer to the first was lost with the connection.
   and (ti.state = 'queued' or (ti.state = 'running' and ti.worker_job_id = $4))
returning ti.id, ti.dag_run_id, ti.dag_id, ti.run_id, ti.task_id, ti.map_index, ti.max_tries, ti.start_date, r.conf,
          r.logical_date, r.dag_version_id, r.lane`;

/** How a worker leaves a task instance; `restarting` hands the attempt back to be run again. */
export type AttemptEndState = 'success' | 'failed' | 'skipped' | 'up_for_retry' | 'up_for_reschedule' | 'restarting';

export interface AttemptEnd extends AttemptClaim {
  workerJobId: number;
  state: AttemptEndState;
  /** For up_for_retry and up_for_reschedule: seconds from now. */
  delaySeconds: number | null;
  lane: string;
}

/**
 * Records how attempts ended, each stamped by the database at this statement, and wakes the lanes' schedulers. Answers
 * the ids that were accepted: an end by anybody but the attempt's present holder is refused.
 */
export async function endAttempts(db: Queryable, ends: readonly AttemptEnd[]): Promise<number[]> {
  const { rows } = await db.query<{ ids: number[] | null }>({
    name: 'attempts_end',
    text: END,
    values: [
      ends.map((end) => end.id),
      ends.map((end) => end.tryNumber),
      ends.map((end) => end.queueJobId),
      ends.map((end) => end.workerJobId),
      ends.map((end) => end.state),
      ends.map((end) => end.delaySeconds),
      ends.map((end) => end.lane),
    ],
  });
  return rows[0]?.ids ?? [];
}

const END = `
with e as materialized (
  select * from unnest($1::bigint[], $2::int[], $3::bigint[], $4::bigint[], $5::text[], $6::float8[], $7::text[])
    as e(id, try_number, queue_job_id, worker_job_id, state, delay_seconds, lane)
), ended as (
  update runbeat.task_instance ti
     set state = e.state,
         end_date = case when e.state = 'up_for_reschedule' then null else clock_timestamp() end,
         next_try_at = clock_timestamp() + e.delay_seconds * interval '1 second',
         reschedules = ti.reschedules + (e.state = 'up_for_reschedule')::int,
         updated_at = clock_timestamp()
    from e
   where ti.id = e.id and ti.try_number = e.try_number and ti.queue_job_id = e.queue_job_id
     and ti.worker_job_id = e.worker_job_id and ti.state = 'running'
  returning ti.id, ti.dag_run_id, e.lane
), woken as (
  select pg_notify('runbeat:' || lane, string_agg(distinct dag_run_id::text, ',')) from ended group by lane
)
select (select count(*) from woken), array_agg(id) as ids from ended`;
