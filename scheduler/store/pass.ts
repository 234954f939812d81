import type { Decision, Move, RunState } from '../core/passTypes.ts';
import { QUEUED_CHANNEL } from './queue.ts';
import type { Queryable } from './database.ts';

/** Which waiting runs may be started: up to `limit` of the lane, or of these runs. */
export interface Promotion {
  limit: number;
  /** Null for any. */
  runIds: readonly number[] | null;
}

/**
 * Starts waiting runs of the lane, as far as each DAG's max_active_runs allows, and creates their task instances, in one statement. DAGs
 * take turns, each with its oldest run, so that a DAG with thousands of waiting runs does not delay the others. Returns the started
 * runs.
 */
export async function promoteRuns(client: Queryable, lane: string, { limit, runIds }: Promotion): Promise<number[]> {
  const values = [lane, limit, runIds];
  const { rows } = await client.query<{ id: number }>({ name: 'pass_promote', text: PROMOTE, values });
  return rows.map(({ id }) => id);
}

/** The runs that `promoteRuns` would start. */
export async function startableRuns(client: Queryable, lane: string, limit: number): Promise<number[]> {
  const text = `with ${CHOSEN} select id from chosen order by id`;
  const { rows } = await client.query<{ id: number }>(text, [lane, limit, null]);
  return rows.map(({ id }) => id);
}

const CHOSEN = `
room as (
  select d.dag_id,
         d.max_active_runs - (select count(*) from runbeat.dag_run r where r.dag_id = d.dag_id and r.state = 'running') as room
    from runbeat.dag d
   where d.lane = $1 and not d.is_paused
     and exists (select from runbeat.dag_run q where q.dag_id = d.dag_id and q.state = 'queued')
), chosen as (
  select waiting.id
    from room
   cross join lateral (
         select q.id from runbeat.dag_run q
          where q.dag_id = room.dag_id and q.state = 'queued' and ($3::bigint[] is null or q.id = any($3))
          order by q.id limit least(greatest(room.room, 0), $2)
          for update skip locked) as waiting
   order by row_number() over (partition by room.dag_id order by waiting.id), waiting.id limit $2
)`;

const PROMOTE = `
with ${CHOSEN}, started as (
  update runbeat.dag_run r set state = 'running', start_date = clock_timestamp(), updated_at = clock_timestamp()
    from chosen where r.id = chosen.id
  returning r.id, r.dag_id, r.run_id, r.dag_version_id
), made as (
  insert into runbeat.task_instance
         (dag_run_id, dag_id, run_id, task_id, max_tries, operator, pool, pool_slots, priority_weight, queue)
  select s.id, s.dag_id, s.run_id, t.task_id, t.retries, t.kind, t.pool, t.pool_slots, t.priority_weight, t.queue
    from started s
    join runbeat.dag_version v on v.id = s.dag_version_id
   cross join lateral jsonb_to_recordset(v.data->'tasks')
         as t(task_id text, retries int, kind text, pool text, pool_slots int, priority_weight int, queue text)
  on conflict do nothing
)
select id from started`;

/**
 * Writes a decision with at most one statement each for ended tries, task instances and runs, however many there are.
 * `runs` are those that the pass has examined.
 */
export async function writeDecision(
  client: Queryable,
  { moves, ends }: Decision,
  runs: readonly RunState[],
): Promise<void> {
  const stamped = runs.filter((run) => run.stampIsDue).map(({ id }) => id);
  const writes: Promise<unknown>[] = [];
  const over = moves.filter((move) => move.endedTryState !== null);
  if (over.length > 0) {
    const values = [over.map((m) => m.id), over.map((m) => m.fromTry), over.map((m) => m.endedTryState)];
    writes.push(client.query({ name: 'pass_ended_tries', text: RECORD_ENDED_TRIES, values }));
  }
  if (moves.length > 0) writes.push(client.query({ name: 'pass_move', text: MOVE, values: moveColumns(moves) }));
  if (ends.length > 0 || stamped.length > 0) {
    const values = [ends.map(({ id }) => id), ends.map(({ state }) => state), stamped];
    writes.push(client.query({ name: 'pass_runs', text: RUNS, values }));
  }
  await Promise.all(writes);
}

/**
 * Lets the server plan the statements of `writeDecision` for this connection, with nothing to write. Otherwise, planning would
 * take longer than the first pass itself.
 */
export async function planWrites(client: Queryable): Promise<void> {
  await Promise.all([
    client.query({ name: 'pass_ended_tries', text: RECORD_ENDED_TRIES, values: Array(3).fill([]) }),
    client.query({ name: 'pass_move', text: MOVE, values: moveColumns([]) }),
    client.query({ name: 'pass_runs', text: RUNS, values: Array(3).fill([]) }),
  ]);
}

function moveColumns(moves: readonly Move[]): unknown[] {
  return [
    moves.map((m) => m.id),
    moves.map((m) => m.fromState),
    moves.map((m) => m.fromTry),
    moves.map((m) => m.toState),
    moves.map((m) => m.toTry),
    moves.map((m) => m.maxTries),
    moves.map((m) => m.delaySeconds),
  ];
}

const RECORD_ENDED_TRIES = `
insert into runbeat.task_instance_history
       (task_instance_id, dag_run_id, dag_id, run_id, task_id, map_index, try_number, state, operator, pool, queue,
        scheduled_dttm, queued_dttm, start_date, end_date, reschedules, hostname)
select ti.id, ti.dag_run_id, ti.dag_id, ti.run_id, ti.task_id, ti.map_index, ti.try_number, m.ended_try_state, ti.operator,
       ti.pool, ti.queue, ti.scheduled_dttm, ti.queued_dttm, ti.start_date, ti.end_date, ti.reschedules, ti.hostname
  from unnest($1::bigint[], $2::int[], $3::text[]) as m(id, from_try, ended_try_state)
  join runbeat.task_instance ti on ti.id = m.id and ti.try_number = m.from_try
    on conflict do nothing`;

/** Notifies the workers if a task was queued. */
const MOVE = `
with move as materialized (
  select * from unnest($1::bigint[], $2::text[], $3::int[], $4::text[], $5::int[], $6::int[], $7::float8[])
    as m(id, from_state, from_try, to_state, to_try, max_tries, delay_seconds)
), notified as materialized (
  select pg_notify('${QUEUED_CHANNEL}', '') from move where to_state = 'queued' limit 1
)
update runbeat.task_instance ti
   set state = m.to_state,
       try_number = m.to_try,
       max_tries = m.max_tries,
       scheduled_dttm = case when m.to_state not in ('queued', 'scheduled') or m.from_state = 'scheduled'
                             then ti.scheduled_dttm else clock_timestamp() end,
       queued_dttm = case when m.to_state = 'queued' then clock_timestamp() else ti.queued_dttm end,
       start_date = case when m.to_try <> m.from_try then null else ti.start_date end,
       end_date = case when m.to_state in ('queued', 'scheduled') then null else clock_timestamp() end,
       reschedules = case when m.to_try <> m.from_try then 0 else ti.reschedules end,
       next_try_at = case when m.delay_seconds is not null
                          then clock_timestamp() + m.delay_seconds * interval '1 second' end,
       worker_job_id = case when m.to_state = 'queued' then null else ti.worker_job_id end,
       hostname = case when m.to_state = 'queued' then null else ti.hostname end,
       updated_at = clock_timestamp()
  from move m left join notified on true
 where ti.id = m.id and ti.try_number = m.from_try and ti.state is not distinct from m.from_state`;

/**
 * Ends runs and updates last_scheduling_decision, which shows the poll which runs no pass has examined. Updating it for each run in
 * each pass would slow down every task.
 */
const RUNS = `
with run_end as (select * from unnest($1::bigint[], $2::text[]) as e(id, state)),
seen as (select id from run_end union select unnest($3::bigint[]))
update runbeat.dag_run r
   set state = coalesce(e.state, r.state),
       end_date = case when e.id is null then r.end_date else clock_timestamp() end,
       last_scheduling_decision = clock_timestamp(),
       updated_at = case when e.id is null then r.updated_at else clock_timestamp() end
  from seen left join run_end e using (id)
 where r.id = seen.id and r.state = 'running'`;

/** Ends a run that can't be scheduled, with the reason. Its active tasks fail, and tasks that have not run are closed as not run. */
export async function failRun(client: Queryable, runId: number, reason: string): Promise<void> {
  await client.query({
    name: 'run_fail',
    text: `with task as (
             update runbeat.task_instance
                set state = case when state = 'running' then 'failed' else 'upstream_failed' end,
                    end_date = clock_timestamp(), next_try_at = null, updated_at = clock_timestamp()
              where dag_run_id = $1
                and (state is null or state not in ('success', 'failed', 'skipped', 'upstream_failed', 'removed'))
           )
           update runbeat.dag_run
              set state = 'failed', start_date = coalesce(start_date, clock_timestamp()), end_date = clock_timestamp(),
                  failure_reason = $2, updated_at = clock_timestamp()
            where id = $1 and state in ('queued', 'running')`,
    values: [runId, reason.replaceAll('\0', '\uFFFD').slice(0, 2_000)],
  });
}
