import type pg from 'pg';
import type { FollowOnInput, FollowOnMove } from '../core/followOn.ts';
import type { Holder } from './attempts.ts';
import type { Queryable } from './database.ts';
import { laneChannelOf } from './lanes.ts';
import { readTaskLines, TASK_LINES, USAGE, usageOf, type UsageRow } from './passState.ts';
import { tryHoldRun, tryShareLock } from './passTransaction.ts';
import { QUEUED_CHANNEL } from './queue.ts';

/** Maximum number of runs to lock, because the server has room for a limited number of locks. */
const MOST_RUNS = 50;

/** What a worker has locked while it decides on follow-ons. */
export interface Held {
  /** Run id → max_active_tasks of its DAG. */
  runs: Map<number, number>;
  pools: Set<string>;
}

/** The data that follow-ons of ended tasks depend on. */
export interface FollowOnQuestion {
  /** Tasks whose states to read. */
  tasks: readonly { runId: number; taskId: string }[];
  /** Lanes of these runs, and pools of the slots that become free. */
  lanes: ReadonlySet<string>;
  pools: ReadonlySet<string>;
  dagIds: ReadonlySet<string>;
  /** Queues that this worker serves. */
  queues: readonly string[];
}

/**
 * Begins the transaction of a follow-on. Until it ends, it blocks passes of these lanes and pools, and other workers that end tasks of
 * these runs. It never waits: the result omits what others have locked, and runs of paused DAGs. The states must be read by a later
 * statement. Otherwise, they would be from before the lock.
 */
export async function holdRuns(db: Queryable, { tasks, lanes, pools }: FollowOnQuestion): Promise<Held> {
  const runIds = [...new Set(tasks.map(({ runId }) => runId))].slice(0, MOST_RUNS);
  const [, { rows }] = await Promise.all([
    db.query('begin'),
    db.query<{ pools: string[] | null; runs: [number, number][] | null }>({
      name: 'follow_on_hold',
      text: HOLD,
      values: [[...lanes], [...pools], runIds],
    }),
  ]);
  return { runs: new Map(rows[0]!.runs), pools: new Set(rows[0]!.pools) };
}

const HOLD = `
with lane as materialized (select lane from unnest($1::text[]) as lane where ${tryShareLock("'lane:' || lane")}),
pool as materialized (select pool from unnest($2::text[]) as pool where ${tryShareLock("'pool:' || pool")}),
going as materialized (
  select r.id, d.max_active_tasks
    from runbeat.dag_run r join runbeat.dag d using (dag_id)
   where r.id = any($3::bigint[]) and r.state = 'running' and not d.is_paused and r.lane in (select lane from lane)
), run as (select * from going where ${tryHoldRun('id')})
select (select array_agg(pool) from pool) as pools,
       (select json_agg(json_build_array(id, max_active_tasks)) from run) as runs`;

/** The state that follow-ons are decided by, read after the ends were recorded. */
export type FollowOnState = Pick<FollowOnInput, 'states' | 'usage' | 'contended' | 'openQueues'>;

interface StateRow extends UsageRow {
  runs: { id: number; tasks: string }[] | null;
  contended: string[];
  is_open: boolean;
}

export async function readFollowOn(db: Queryable, question: FollowOnQuestion): Promise<FollowOnState> {
  const { tasks, pools, dagIds, queues } = question;
  const { rows } = await db.query<StateRow & pg.QueryResultRow>({
    name: 'follow_on_state',
    text: STATE,
    values: [tasks.map(({ runId }) => runId), tasks.map(({ taskId }) => taskId), [...pools], [...dagIds], queues],
  });
  const row = rows[0]!;
  return {
    states: new Map(row.runs?.map(({ id, tasks }) => [id, readTaskLines(tasks)])),
    usage: usageOf(row),
    contended: new Set(row.contended),
    openQueues: new Set(row.is_open ? queues : []),
  };
}

/** A due retry or poke that is not queued counts as waiting, too: it waits for a slot, or a pass is about to queue it. */
const STATE = `
select (select json_agg(json_build_object('id', run.id, 'tasks', run.tasks))
          from (select w.run_id as id, ${TASK_LINES} as tasks
                  from unnest($1::bigint[], $2::text[]) as w(run_id, task_id)
                 cross join lateral (
                       select * from runbeat.task_instance
                        where dag_run_id = w.run_id and task_id = w.task_id and map_index = -1 offset 0) as ti
                 group by w.run_id) as run) as runs,
       array(select 'pool:' || pool from unnest($3::text[]) as pool
              where exists (select from runbeat.task_instance ti
                             where ti.pool = pool.pool and ti.state in ('scheduled', 'restarting'))
                 or exists (select from runbeat.task_instance ti
                             where ti.next_try_at <= now.now and ti.pool = pool.pool)
             union all
             select 'dag:' || dag_id from unnest($4::text[]) as dag_id
              where exists (select from runbeat.task_instance ti
                             where ti.dag_id = dag_id.dag_id and ti.state in ('scheduled', 'restarting'))
                 or exists (select from runbeat.task_instance ti
                             where ti.next_try_at <= now.now and ti.dag_id = dag_id.dag_id)) as contended,
       not exists (select from runbeat.task_instance where state = 'queued' and queue = any($5::text[])) as is_open,
       ${USAGE}
  from (select clock_timestamp() as now) as now`;

/** A follow-on try that has been started on this worker. */
export interface FollowOnStart {
  id: number;
  /** RFC 3339. */
  startDate: string;
}

/** The decision of a worker, and the runs that it leaves to the scheduler. */
export interface FollowOnWrite {
  moves: readonly FollowOnMove[];
  /** Runs that the scheduler has to examine, by lane. */
  left: ReadonlyMap<string, readonly number[]>;
}

/**
 * Writes the decision, commits, and returns the tries that have been started. A task whose state has changed is not started.
 */
export async function writeFollowOn(
  db: Queryable,
  holder: Holder,
  { moves, left }: FollowOnWrite,
): Promise<FollowOnStart[]> {
  const written = db.query<{ started: FollowOnStart[] | null }>({
    name: 'follow_on_write',
    text: WRITE,
    values: [
      moves.map(({ id }) => id),
      moves.map(({ fromTry }) => fromTry),
      moves.map(({ toState }) => toState),
      holder.workerJobId,
      holder.hostname,
      [...left.keys()],
      [...left.values()].map((runIds) => runIds.join()),
    ],
  });
  // After a failed write, the commit is a rollback, and the error of the write is thrown.
  const [{ rows }] = await Promise.all([written, db.query('commit')]);
  return rows[0]!.started ?? [];
}

const WRITE = `
with move as materialized (
  select * from unnest($1::bigint[], $2::int[], $3::text[]) as m(id, from_try, to_state)
), queued as materialized (
  select pg_notify('${QUEUED_CHANNEL}', '') from move where to_state = 'queued' limit 1
), told as materialized (
  select pg_notify(${laneChannelOf('lane')}, run_ids) from unnest($6::text[], $7::text[]) as left_to(lane, run_ids)
), ti as (
  update runbeat.task_instance ti
     set state = m.to_state, try_number = m.from_try + 1,
         scheduled_dttm = clock_timestamp(), queued_dttm = clock_timestamp(),
         start_date = case when m.to_state = 'running' then clock_timestamp() end, end_date = null,
         next_try_at = null, reschedules = 0,
         worker_job_id = case when m.to_state = 'running' then $4::bigint end,
         hostname = case when m.to_state = 'running' then $5 end,
         updated_at = clock_timestamp()
    from move m
   where ti.id = m.id and ti.try_number = m.from_try and ti.state is null
  returning ti.id, ti.state, ti.start_date
)
select json_agg(json_build_object('id', id, 'startDate', start_date)) filter (where state = 'running') as started,
       (select count(*) from queued) + (select count(*) from told) as notifications
  from ti`;
