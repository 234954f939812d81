import type { Queryable } from './database.ts';
import { queueIdentifier } from './queue.ts';

/** What an attempt is owned by: every write of a result names all three. */
export interface AttemptClaim {
  id: number;
  tryNumber: number;
  /** The queue's job that started it; no two attempts have the same. */
  queueJobId: number;
}

/** An attempt that this worker has started. */
export interface StartedAttempt {
  id: number;
  try_number: number;
  queue_job_id: number;
  dag_run_id: number;
  dag_id: string;
  run_id: string;
  task_id: string;
  map_index: number;
  max_tries: number;
  /** RFC 3339, as all times here. */
  start_date: string;
  conf: Record<string, unknown>;
  logical_date: string | null;
  dag_version_id: number;
  lane: string;
}

export interface Holder {
  workerJobId: number;
  hostname: string;
}

export interface Taken {
  started: StartedAttempt[];
  /** Jobs taken; those that were not granted are gone, too: their task instances went on without them. */
  jobs: number;
}

/**
 * Takes up to `limit` jobs from the queues, first by priority and then by age, and marks their attempts as running, each
 * stamped by the database at this statement. Taking and starting are one commit: no job is ever taken and not started.
 * One whose task instance has gone on to another attempt or job is dropped.
 */
export async function takeAttempts(
  db: Queryable,
  holder: Holder,
  queues: readonly string[],
  limit: number,
): Promise<Taken> {
  const { rows } = await db.query<{ jobs: number; started: StartedAttempt[] | null }>({
    name: 'attempts_take',
    text: TAKE,
    values: [queues.map(queueIdentifier), limit, holder.workerJobId, holder.hostname],
  });
  const { jobs, started } = rows[0]!;
  return { jobs, started: started ?? [] };
}

const STARTED = `json_agg(json_build_object(
         'id', ti.id, 'try_number', ti.try_number, 'queue_job_id', ti.queue_job_id, 'dag_run_id', ti.dag_run_id,
         'dag_id', ti.dag_id, 'run_id', ti.run_id, 'task_id', ti.task_id, 'map_index', ti.map_index,
         'max_tries', ti.max_tries, 'start_date', ti.start_date, 'conf', ti.conf, 'logical_date', ti.logical_date,
         'dag_version_id', ti.dag_version_id, 'lane', ti.lane))`;

/** The queue's rows are graphile-worker's; its own way of taking them is a commit of its own before ours. */
const TAKE = `
with job as materialized (
  delete from graphile_worker._private_jobs j
   using (select id from graphile_worker._private_jobs
           where is_available and run_at <= now()
             and task_id = any(array(select id from graphile_worker._private_tasks where identifier = any($1::text[])))
           order by priority, run_at limit $2 for update skip locked) as next
   where j.id = next.id
  returning j.id, (j.payload->>'id')::bigint as task_instance_id, (j.payload->>'try')::int as try_number
), ti as (
  update runbeat.task_instance ti
     set state = 'running',
         -- A sensor that pokes again has been at it since its first poke.
         start_date = case when ti.reschedules > 0 then coalesce(ti.start_date, clock_timestamp()) else clock_timestamp() end,
         end_date = null, worker_job_id = $3, hostname = $4, updated_at = clock_timestamp()
    from job, runbeat.dag_run r
   where ti.id = job.task_instance_id and ti.try_number = job.try_number and ti.queue_job_id = job.id
     and ti.state = 'queued' and r.id = ti.dag_run_id
  returning ti.*, r.conf, r.logical_date, r.dag_version_id, r.lane
)
select (select count(*)::int from job) as jobs, (select ${STARTED} from ti) as started`;

/** The attempts that this worker holds; it may not know of one whose start was committed and not answered. */
export async function heldAttempts(db: Queryable, workerJobId: number): Promise<StartedAttempt[]> {
  const { rows } = await db.query<{ started: StartedAttempt[] | null }>(
    `select ${STARTED} as started
       from (select ti.*, r.conf, r.logical_date, r.dag_version_id, r.lane
               from runbeat.task_instance ti join runbeat.dag_run r on r.id = ti.dag_run_id
              where ti.state = 'running' and ti.worker_job_id = $1) as ti`,
    [workerJobId],
  );
  return rows[0]!.started ?? [];
}

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
