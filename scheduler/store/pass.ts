import type pg from 'pg';
import type { TaskInstanceState } from '../../shared/states.ts';
import type { Decision, RunState, TaskState, Usage } from '../core/state.ts';
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
  const keys = [`lane:${lane}`, ...[...pools].sort().map((pool) => `pool:${pool}`)];
  const begun = client.query('begin');
  const locked = client.query({
    name: 'pass_lock',
    text: `select pg_advisory_xact_lock(${LOCK_CLASS}, hashtext(key)) from unnest($1::text[]) as key`,
    values: [keys],
  });
  await Promise.all([begun, locked]);
}

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
    /** A line a task instance: id, task_id, state, try_number, max_tries and, where there is one, milliseconds until it is due. */
    tasks: string | null;
  }[];
  usage: { pool: string; dag_id: string; slots: number; tasks: number }[];
  pools: { pool: string; slots: number }[];
}

export interface PassState {
  runs: RunState[];
  usage: Usage;
}

/** Everything that a pass decides on, in one statement, however many runs and tasks there are. Locks the runs. */
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
  select r.id, r.dag_id, r.run_id, r.dag_version_id
    from runbeat.dag_run r
   where r.id = any($1::bigint[]) and r.lane = $2 and r.state = 'running'
     for update skip locked
)
select coalesce((
         select json_agg(json_build_object(
                  'id', run.id, 'dag_id', run.dag_id, 'run_id', run.run_id, 'dag_version_id', run.dag_version_id,
                  'is_paused', d.is_paused, 'max_active_tasks', d.max_active_tasks,
                  'tasks', (
                    select string_agg(concat_ws(' ', ti.id, ti.task_id, coalesce(ti.state, 'none'), ti.try_number,
                                                ti.max_tries, ceil(extract(epoch from ti.next_try_at - now.now) * 1000)::bigint), E'\\n')
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
  for (const line of row.tasks?.split('\n') ?? []) {
    const [id, taskId, state, tryNumber, maxTries, due] = line.split(' ') as [
      string,
      string,
      string,
      string,
      string,
      string?,
    ];
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

/** Writes a decision in one statement: task instances, their history, jobs for the queue, and the ends of runs. */
export async function writeDecision(client: Queryable, decision: Decision, seenRunIds: number[]): Promise<void> {
  const { moves, ends } = decision;
  const column = <Value>(pick: (move: (typeof moves)[number]) => Value): Value[] => moves.map(pick);
  await client.query({
    name: 'pass_write',
    text: WRITE,
    values: [
      column((m) => m.id),
      column((m) => m.fromState),
      column((m) => m.fromTry),
      column((m) => m.toState),
      column((m) => m.toTry),
      column((m) => m.maxTries),
      column((m) => m.historyState),
      column((m) => m.delaySeconds),
      column((m) => (m.queue === null ? null : queueIdentifier(m.queue))),
      column((m) => -m.priority),
      ends.map(({ id }) => id),
      ends.map(({ state }) => state),
      seenRunIds,
    ],
  });
}

const WRITE = `
with move as materialized (
  select * from unnest($1::bigint[], $2::text[], $3::int[], $4::text[], $5::int[], $6::int[], $7::text[], $8::float8[],
                       $9::text[], $10::smallint[])
    as m(id, from_state, from_try, to_state, to_try, max_tries, history_state, delay_seconds, identifier, priority)
), job as materialized (
  select (j.payload->>'id')::bigint as task_instance_id, j.id
    from (select array_agg((identifier, json_build_object('id', id, 'try', to_try), null, null, 1, null, priority, null)
                           ::graphile_worker.job_spec) as specs
            from move where to_state = 'queued' having count(*) > 0) as s
   cross join lateral graphile_worker.add_jobs(s.specs) as j
), attempt as (
  insert into runbeat.task_instance_history
         (task_instance_id, dag_run_id, dag_id, run_id, task_id, map_index, try_number, state, operator, pool, queue,
          scheduled_dttm, queued_dttm, start_date, end_date, reschedules, hostname)
  select ti.id, ti.dag_run_id, ti.dag_id, ti.run_id, ti.task_id, ti.map_index, ti.try_number, m.history_state, ti.operator,
         ti.pool, ti.queue, ti.scheduled_dttm, ti.queued_dttm, ti.start_date, ti.end_date, ti.reschedules, ti.hostname
    from move m join runbeat.task_instance ti on ti.id = m.id and ti.try_number = m.from_try
   where m.history_state is not null
  on conflict do nothing
), moved as (
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
    from move m left join job on job.task_instance_id = m.id
   where ti.id = m.id and ti.try_number = m.from_try and ti.state is not distinct from m.from_state
), run_end as (
  select * from unnest($11::bigint[], $12::text[]) as e(id, state)
)
update runbeat.dag_run r
   set state = coalesce(e.state, r.state),
       end_date = case when e.id is null then r.end_date else clock_timestamp() end,
       last_scheduling_decision = clock_timestamp(),
       updated_at = case when e.id is null then r.updated_at else clock_timestamp() end
  from unnest($13::bigint[]) as seen(id) left join run_end e using (id)
 where r.id = seen.id and r.state = 'running'
   -- The stamp only tells the poll which runs nobody has looked at; a write a run and pass would be paid by every task.
   and (e.id is not null or r.last_scheduling_decision is null
        or r.last_scheduling_decision < clock_timestamp() - interval '2 seconds')`;
