import pg from 'pg';
import type { TaskInstanceState } from '../../shared/states.ts';
import type { Decision, Move, RunState, TaskState, Usage } from '../core/state.ts';
import { queueIdentifier } from './queue.ts';
import type { Queryable } from './database.ts';

/** Advisory locks of scheduling passes; the second key is the hash of a lane or pool. */
const LOCK_CLASS = 72_614;

/**
 * Opens a pass. Passes of one lane, and passes that fill the same pool, go one after the other: the counts that a pass
 * reads stay true until it commits. The read must be a later statement than the lock, or it would see the state from
 * before the wait.
 */
export async function beginPass(client: Queryable, lane: string, pools: Iterable<string>): Promise<void> {
  const locks = [laneKey(lane), ...[...pools].sort().map((pool) => `pool:${pool}`)].map(lockOf);
  // Without values these two travel as one message.
  await client.query({ text: `begin; select ${locks.join()}` });
}

/** Holds off the passes of a lane until the transaction ends: for whoever else changes runs that are under way. */
export async function lockLane(client: Queryable, lane: string): Promise<void> {
  await client.query({ text: `select ${lockOf(laneKey(lane))}` });
}

const laneKey = (lane: string): string => `lane:${lane}`;

const lockOf = (key: string): string => `pg_advisory_xact_lock(${LOCK_CLASS}, hashtext(${pg.escapeLiteral(key)}))`;

/**
 * Starts waiting runs of the lane, oldest first, as far as each DAG's max_active_runs allows, and gives them their task
 * instances. Answers the runs started. One statement, however many runs wait.
 */
export async function promoteRuns(client: Queryable, lane: string, limit: number): Promise<number[]> {
  const { rows } = await client.query<{ id: number }>({ name: 'pass_promote', text: PROMOTE, values: [lane, limit] });
  return rows.map(({ id }) => id);
}

const PROMOTE = `
with room as (
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
          where q.dag_id = room.dag_id and q.state = 'queued'
          order by q.id limit greatest(room.room, 0)
          for update skip locked) as waiting
   order by waiting.id limit $2
), started as (
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

interface StateRow {
  runs: {
    id: number;
    dag_id: string;
    run_id: string;
    dag_version_id: number;
    is_paused: boolean;
    max_active_tasks: number;
    stamp_is_due: boolean;
    /**
     * A line a task instance: task_id alone when it has succeeded, else task_id, id, state, try_number, max_tries and,
     * where there is one, milliseconds until it is due.
     */
    tasks: string | null;
  }[];
  usage: { pool: string; dag_id: string; slots: number; tasks: number }[];
  pools: { pool: string; slots: number }[];
}

export interface PassState {
  runs: RunState[];
  usage: Usage;
}

/** Everything that a pass decides on, in one statement, however many runs and tasks there are. */
export async function readState(client: Queryable, lane: string, runIds: number[]): Promise<PassState> {
  const { rows } = await client.query<StateRow & pg.QueryResultRow>({
    name: 'pass_state',
    text: STATE,
    values: [runIds, lane],
  });
  const { runs, usage, pools } = rows[0]!;
  return { runs: runs.map(runState), usage: usageOf(usage, pools) };
}

const STATE = `
with run as materialized (
  select r.id, r.dag_id, r.run_id, r.dag_version_id, r.last_scheduling_decision
    from runbeat.dag_run r
   where r.id = any($1::bigint[]) and r.lane = $2 and r.state = 'running'
)
select coalesce((
         select json_agg(json_build_object(
                  'id', run.id, 'dag_id', run.dag_id, 'run_id', run.run_id, 'dag_version_id', run.dag_version_id,
                  'is_paused', d.is_paused, 'max_active_tasks', d.max_active_tasks,
                  'stamp_is_due', coalesce(run.last_scheduling_decision < now.now - interval '2 seconds', true),
                  'tasks', (
                    select string_agg(
                             case when ti.state = 'success' then ti.task_id
                                  else concat_ws(' ', ti.task_id, ti.id, coalesce(ti.state, 'none'), ti.try_number, ti.max_tries,
                                                 ceil(extract(epoch from ti.next_try_at - now.now) * 1000)::bigint) end, E'\\n')
                      from runbeat.task_instance ti where ti.dag_run_id = run.id)))
           from run join runbeat.dag d using (dag_id)), '[]') as runs,
       coalesce((
         select json_agg(json_build_object('pool', o.pool, 'dag_id', o.dag_id, 'slots', o.slots, 'tasks', o.tasks))
           from (select pool, dag_id, sum(pool_slots) as slots, count(*) as tasks
                   from runbeat.task_instance where state in ('queued', 'running') group by pool, dag_id) o), '[]') as usage,
       (select json_agg(json_build_object('pool', pool, 'slots', slots)) from runbeat.slot_pool) as pools
  from (select clock_timestamp() as now) as now`;

function runState(row: StateRow['runs'][number]): RunState {
  const tasks = new Map<string, TaskState>();
  const succeeded = new Set<string>();
  for (const line of row.tasks?.split('\n') ?? []) {
    const [taskId, id, state, tryNumber, maxTries, due] = line.split(' ') as [string, ...string[]];
    if (id === undefined) {
      succeeded.add(taskId);
      continue;
    }
    tasks.set(taskId, {
      id: Number(id),
      taskId,
      state: state === 'none' ? null : (state as TaskInstanceState),
      tryNumber: Number(tryNumber),
      maxTries: Number(maxTries),
      dueInMs: due === undefined ? null : Number(due),
    });
  }
  return {
    id: row.id,
    dagId: row.dag_id,
    runId: row.run_id,
    dagVersionId: row.dag_version_id,
    isPaused: row.is_paused,
    maxActiveTasks: row.max_active_tasks,
    tasks,
    succeeded,
    stampIsDue: row.stamp_is_due,
  };
}

function usageOf(usage: StateRow['usage'], pools: StateRow['pools']): Usage {
  const occupied = new Map<string, number>();
  const activeTasks = new Map<string, number>();
  for (const row of usage) {
    occupied.set(row.pool, (occupied.get(row.pool) ?? 0) + row.slots);
    activeTasks.set(row.dag_id, (activeTasks.get(row.dag_id) ?? 0) + row.tasks);
  }
  const poolUsage = pools.map(({ pool, slots }) => [pool, { slots, occupied: occupied.get(pool) ?? 0 }] as const);
  return { pools: new Map(poolUsage), activeTasks };
}

/**
 * Writes a decision: at most one statement each for the history, for task instances with their jobs, and for runs,
 * however many there are. `runs` are those that the pass looked at.
 */
export async function writeDecision(
  client: Queryable,
  { moves, ends }: Decision,
  runs: readonly RunState[],
): Promise<void> {
  const stamped = runs.filter((run) => run.stampIsDue).map(({ id }) => id);
  const writes: Promise<unknown>[] = [];
  const over = moves.filter((move) => move.historyState !== null);
  if (over.length > 0) {
    const values = [over.map((m) => m.id), over.map((m) => m.fromTry), over.map((m) => m.historyState)];
    writes.push(client.query({ name: 'pass_history', text: HISTORY, values }));
  }
  if (moves.length > 0) writes.push(client.query({ name: 'pass_move', text: MOVE, values: moveColumns(moves) }));
  if (ends.length > 0 || stamped.length > 0) {
    const values = [ends.map(({ id }) => id), ends.map(({ state }) => state), stamped];
    writes.push(client.query({ name: 'pass_runs', text: RUNS, values }));
  }
  await Promise.all(writes);
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
    moves.map((m) => (m.queue === null ? null : queueIdentifier(m.queue))),
    moves.map((m) => -m.priority),
  ];
}

const HISTORY = `
insert into runbeat.task_instance_history
       (task_instance_id, dag_run_id, dag_id, run_id, task_id, map_index, try_number, state, operator, pool, queue,
        scheduled_dttm, queued_dttm, start_date, end_date, reschedules, hostname)
select ti.id, ti.dag_run_id, ti.dag_id, ti.run_id, ti.task_id, ti.map_index, ti.try_number, m.history_state, ti.operator,
       ti.pool, ti.queue, ti.scheduled_dttm, ti.queued_dttm, ti.start_date, ti.end_date, ti.reschedules, ti.hostname
  from unnest($1::bigint[], $2::int[], $3::text[]) as m(id, from_try, history_state)
  join runbeat.task_instance ti on ti.id = m.id and ti.try_number = m.from_try
    on conflict do nothing`;

/** Jobs are written as graphile_worker.add_jobs writes them, without what it does for keys and named queues, which ours have not. */
const MOVE = `
with move as materialized (
  select * from unnest($1::bigint[], $2::text[], $3::int[], $4::text[], $5::int[], $6::int[], $7::float8[], $8::text[],
                       $9::smallint[])
    as m(id, from_state, from_try, to_state, to_try, max_tries, delay_seconds, identifier, priority)
), queue as (
  select id, identifier from graphile_worker._private_tasks where identifier in (select identifier from move)
), new_queue as (
  insert into graphile_worker._private_tasks (identifier)
  select distinct identifier from move
   where identifier is not null and not exists (select from queue where queue.identifier = move.identifier)
      on conflict (identifier) do update set identifier = excluded.identifier
  returning id, identifier
), job as (
  insert into graphile_worker._private_jobs (task_id, payload, max_attempts, priority)
  select q.id, json_build_object('id', m.id, 'try', m.to_try), 1, m.priority
    from move m join (select * from queue union all select * from new_queue) as q using (identifier)
   where m.to_state = 'queued'
  returning (payload->>'id')::bigint as task_instance_id, id
), told as materialized (
  select pg_notify('jobs:insert', '') from job limit 1
)
update runbeat.task_instance ti
   set state = m.to_state,
       try_number = m.to_try,
       max_tries = m.max_tries,
       scheduled_dttm = case when m.to_state not in ('queued', 'scheduled') or m.from_state in ('scheduled', 'queued')
                             then ti.scheduled_dttm else clock_timestamp() end,
       queued_dttm = case when m.to_state = 'queued' then clock_timestamp() else ti.queued_dttm end,
       start_date = case when m.to_try <> m.from_try then null else ti.start_date end,
       end_date = case when m.to_state in ('queued', 'scheduled') then null else clock_timestamp() end,
       reschedules = case when m.to_try <> m.from_try then 0 else ti.reschedules end,
       next_try_at = case when m.delay_seconds is not null
                          then clock_timestamp() + m.delay_seconds * interval '1 second' end,
       queue_job_id = case when m.to_state = 'queued' then job.id else ti.queue_job_id end,
       worker_job_id = case when m.to_state = 'queued' then null else ti.worker_job_id end,
       hostname = case when m.to_state = 'queued' then null else ti.hostname end,
       updated_at = clock_timestamp()
  from move m left join job on job.task_instance_id = m.id left join told on true
 where ti.id = m.id and ti.try_number = m.from_try and ti.state is not distinct from m.from_state`;

/** The stamp only tells the poll which runs nobody has looked at; a write a run and pass would be paid by every task. */
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
