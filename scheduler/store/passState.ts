import type pg from 'pg';
import type { TaskInstanceState } from '../../shared/states.ts';
import type { RunState, TaskState, Usage } from '../core/passTypes.ts';
import type { Queryable } from './database.ts';

interface StateRow extends UsageRow {
  runs: {
    id: number;
    dag_id: string;
    run_id: string;
    dag_version_id: number;
    is_paused: boolean;
    max_active_tasks: number;
    stamp_is_due: boolean;
    /** TASK_LINES. */
    tasks: string | null;
  }[];
}

/** Columns of USAGE. */
export interface UsageRow {
  usage: { pool: string; dag_id: string; slots: number; tasks: number }[];
  pools: { pool: string; slots: number }[];
}

export interface PassState {
  runs: RunState[];
  usage: Usage;
}

/** Reads everything that a pass decides on, in one statement, however many runs and tasks there are. */
export async function readState(client: Queryable, lane: string, runIds: number[]): Promise<PassState> {
  const { rows } = await client.query<StateRow & pg.QueryResultRow>({
    name: 'pass_state',
    text: STATE,
    values: [runIds, lane],
  });
  const { runs, usage, pools } = rows[0]!;
  return { runs: runs.map(runState), usage: usageOf({ usage, pools }) };
}

/**
 * SQL for one line per task instance `ti`: only task_id if it has succeeded, otherwise task_id, id, state, try_number, max_tries and,
 * if something is due, the milliseconds until then.
 */
export const TASK_LINES = `string_agg(
  case when ti.state = 'success' then ti.task_id
       else concat_ws(' ', ti.task_id, ti.id, coalesce(ti.state, 'none'), ti.try_number, ti.max_tries,
                      ceil(extract(epoch from ti.next_try_at - now.now) * 1000)::bigint) end, E'\\n')`;

/** SQL for the columns with the use of slots and the limits of pools. */
export const USAGE = `
coalesce((
  select json_agg(json_build_object('pool', o.pool, 'dag_id', o.dag_id, 'slots', o.slots, 'tasks', o.tasks))
    from (select pool, dag_id, sum(pool_slots) as slots, count(*) as tasks
            from runbeat.task_instance where state in ('queued', 'running') group by pool, dag_id) o), '[]') as usage,
(select json_agg(json_build_object('pool', pool, 'slots', slots)) from runbeat.slot_pool) as pools`;

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
                  'tasks', (select ${TASK_LINES} from runbeat.task_instance ti where ti.dag_run_id = run.id)))
           from run join runbeat.dag d using (dag_id)), '[]') as runs, ${USAGE}
  from (select clock_timestamp() as now) as now`;

function runState(row: StateRow['runs'][number]): RunState {
  return {
    id: row.id,
    dagId: row.dag_id,
    runId: row.run_id,
    dagVersionId: row.dag_version_id,
    isPaused: row.is_paused,
    maxActiveTasks: row.max_active_tasks,
    ...readTaskLines(row.tasks),
    stampIsDue: row.stamp_is_due,
  };
}

export function readTaskLines(lines: string | null): { tasks: Map<string, TaskState>; succeeded: Set<string> } {
  const tasks = new Map<string, TaskState>();
  const succeeded = new Set<string>();
  for (const line of lines?.split('\n') ?? []) {
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
  return { tasks, succeeded };
}

export function usageOf({ usage, pools }: UsageRow): Usage {
  const occupied = new Map<string, number>();
  const activeTasks = new Map<string, number>();
  for (const row of usage) {
    occupied.set(row.pool, (occupied.get(row.pool) ?? 0) + row.slots);
    activeTasks.set(row.dag_id, (activeTasks.get(row.dag_id) ?? 0) + row.tasks);
  }
  const poolUsage = pools.map(({ pool, slots }) => [pool, { slots, occupied: occupied.get(pool) ?? 0 }] as const);
  return { pools: new Map(poolUsage), activeTasks };
}
