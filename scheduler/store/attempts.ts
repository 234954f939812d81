import type pg from 'pg';
import type { Queryable } from './database.ts';
import { laneChannelOf } from './lanes.ts';

/**
 * Identifies the execution of a task instance that a result belongs to. It is unique: each try has its own number, and each poke of a
 * sensor, which keeps the number of its try, has its own count of reschedules.
 */
export interface AttemptClaim {
  id: number;
  tryNumber: number;
  reschedules: number;
}

/** A try that this worker has started. */
export interface StartedAttempt {
  id: number;
  try_number: number;
  reschedules: number;
  dag_run_id: number;
  dag_id: string;
  run_id: string;
  task_id: string;
  map_index: number;
  max_tries: number;
  /** RFC 3339, as all times here. */
  start_date: string;
  /** Seconds since the first poke of a sensor; 0 at its first poke and for other tasks. */
  waited_seconds: number;
  /** JSON text, so that numbers keep all digits. */
  conf: string;
  logical_date: string | null;
  dag_version_id: number;
  lane: string;
}

export interface Holder {
  workerJobId: number;
  hostname: string;
}

/**
 * Takes up to `limit` queued task instances of these queues, by priority and then by age, and marks them as running, with the
 * database's time of this statement. Taking and starting are one commit. Several workers that ask at the same time get different ones.
 */
export async function takeAttempts(
  db: Queryable,
  holder: Holder,
  queues: readonly string[],
  limit: number,
): Promise<StartedAttempt[]> {
  const { rows } = await db.query<{ started: StartedAttempt[] | null }>({
    name: 'attempts_take',
    text: TAKE,
    values: [queues, limit, holder.workerJobId, holder.hostname],
  });
  return rows[0]!.started ?? [];
}

const STARTED = `json_agg(json_build_object(
         'id', ti.id, 'try_number', ti.try_number, 'reschedules', ti.reschedules, 'dag_run_id', ti.dag_run_id,
         'dag_id', ti.dag_id, 'run_id', ti.run_id, 'task_id', ti.task_id, 'map_index', ti.map_index,
         'max_tries', ti.max_tries, 'start_date', ti.start_date,
         'waited_seconds', extract(epoch from clock_timestamp() - ti.start_date), 'conf', ti.conf::text,
         'logical_date', ti.logical_date,
         'dag_version_id', ti.dag_version_id, 'lane', ti.lane))`;

const TAKE = `
with next as materialized (
  select id, dag_run_id from runbeat.task_instance
   where state = 'queued' and queue = any($1::text[])
   order by priority_weight desc, queued_dttm limit $2
     for update skip locked
), ti as (
  update runbeat.task_instance ti
     set state = 'running',
         -- A sensor that pokes again keeps the start of its first poke.
         start_date = case when ti.reschedules > 0 then coalesce(ti.start_date, clock_timestamp()) else clock_timestamp() end,
         end_date = null, worker_job_id = $3, hostname = $4, updated_at = clock_timestamp()
    -- One run at a time (offset 0), because a merge join would read the whole index of runs.
    from next cross join lateral (
           select * from runbeat.dag_run where id = next.dag_run_id offset 0) as r
   where ti.id = next.id
  returning ti.*, r.conf, r.logical_date, r.dag_version_id, r.lane
)
select ${STARTED} as started from ti`;

/** The tries that this worker holds. It may not know all of them, if the answer to a committed start was lost. */
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

/** SQL for a timestamp that must be corrected by this many milliseconds. */
function delayed(stamp: string, milliseconds: string): string {
  return `least(${stamp} + ${milliseconds} * interval '1 millisecond', clock_timestamp())`;
}

/**
 * Moves the start of a try to when its function really began, this many milliseconds later than recorded. A sensor keeps the start of
 * its first poke.
 */
export async function delayStart(
  db: Queryable,
  holder: AttemptClaim & { workerJobId: number },
  milliseconds: number,
): Promise<void> {
  await db.query({
    name: 'attempt_delay',
    text: `update runbeat.task_instance
              set start_date = ${delayed('start_date', '$5')}, updated_at = clock_timestamp()
            where id = $1 and try_number = $2 and reschedules = $3 and reschedules = 0 and worker_job_id = $4
              and state = 'running'`,
    values: [holder.id, holder.tryNumber, holder.reschedules, holder.workerJobId, milliseconds],
  });
}

/** States in which a worker may leave a task instance; `restarting` hands the task back to be run again. */
export type AttemptEndState = 'success' | 'failed' | 'skipped' | 'up_for_retry' | 'up_for_reschedule' | 'restarting';

export interface AttemptEnd extends AttemptClaim {
  workerJobId: number;
  state: AttemptEndState;
  /** For up_for_retry and up_for_reschedule: seconds from now. */
  delaySeconds: number | null;
  /** How much later than recorded the try really began, in milliseconds; 0 if delayStart has already corrected it. */
  startDelayMs: number;
  lane: string;
}

/**
 * Records the ends of tries with the database's time of this statement, and notifies the schedulers of their lanes. Returns the ids
 * that were accepted: only the current holder of a try can end it.
 */
export async function endAttempts(db: Queryable, ends: readonly AttemptEnd[]): Promise<number[]> {
  return acceptedIds(db, { name: 'attempts_end', text: END, values: endColumns(ends) });
}

/** The same inside a transaction that notifies the schedulers itself. */
export async function recordEnds(db: Queryable, ends: readonly AttemptEnd[]): Promise<number[]> {
  return acceptedIds(db, { name: 'attempts_record', text: RECORD, values: endColumns(ends) });
}

async function acceptedIds(db: Queryable, statement: pg.QueryConfig): Promise<number[]> {
  const { rows } = await db.query<{ ids: number[] | null }>(statement);
  return rows[0]?.ids ?? [];
}

function endColumns(ends: readonly AttemptEnd[]): unknown[] {
  return [
    ends.map((end) => end.id),
    ends.map((end) => end.tryNumber),
    ends.map((end) => end.reschedules),
    ends.map((end) => end.workerJobId),
    ends.map((end) => end.state),
    ends.map((end) => end.delaySeconds),
    ends.map((end) => end.lane),
    ends.map((end) => end.startDelayMs),
  ];
}

const ENDED = `
e as materialized (
  select * from unnest($1::bigint[], $2::int[], $3::int[], $4::bigint[], $5::text[], $6::float8[], $7::text[],
                       $8::float8[])
    as e(id, try_number, reschedules, worker_job_id, state, delay_seconds, lane, start_delay_ms)
), ended as (
  update runbeat.task_instance ti
     set state = e.state,
         -- A sensor keeps the start of its first poke.
         start_date = case when ti.reschedules > 0 then ti.start_date else ${delayed('ti.start_date', 'e.start_delay_ms')} end,
         end_date = case when e.state = 'up_for_reschedule' then null else clock_timestamp() end,
         next_try_at = clock_timestamp() + e.delay_seconds * interval '1 second',
         reschedules = ti.reschedules + (e.state = 'up_for_reschedule')::int,
         updated_at = clock_timestamp()
    from e
   where ti.id = e.id and ti.try_number = e.try_number and ti.reschedules = e.reschedules
     and ti.worker_job_id = e.worker_job_id and ti.state = 'running'
  returning ti.id, ti.dag_run_id, e.lane
)`;

const RECORD = `with ${ENDED} select array_agg(id) as ids from ended`;

const END = `
with ${ENDED}, woken as (
  select pg_notify(${laneChannelOf('lane')}, string_agg(distinct dag_run_id::text, ',')) from ended group by lane
)
select (select count(*) from woken), array_agg(id) as ids from ended`;
