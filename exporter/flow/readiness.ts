import { isFinishedTask } from '../../shared/states.ts';
import type { DagRow, Micros, PoolRow, RunRow, TaskRow } from '../sources/rows.ts';
import type { DagStructure, TaskStructure } from '../sources/structure.ts';
import { instancesFor, type TasksById } from './transitions.ts';

export interface ActiveRun {
  run: RunRow;
  /** The same task instances, one after another and by task_id. */
  all: readonly TaskRow[];
  tasks: TasksById;
  structure: DagStructure | null;
}

export interface Limits {
  dags: ReadonlyMap<string, DagRow>;
  pools: ReadonlyMap<string, PoolRow>;
  /** Task instances that the executor takes at once; null for no limit. */
  parallelism: number | null;
}

/**
 * When the oldest work became ready that the scheduler has left lying: a task whose upstreams are done, a scheduled task
 * whose pool, DAG and executor have room, a retry that is due, a queued run that may start, a scheduled run that is due.
 * Paused DAGs, full pools and reached limits are no fault of the scheduler and are left out. Null when there is none.
 */
export function oldestReady(runs: readonly ActiveRun[], limits: Limits, nowUs: Micros): Micros | null {
  const usage = usageOf(runs);
  let oldest: Micros | null = null;
  const note = (moment: Micros | null): void => {
    if (moment !== null && moment <= nowUs) oldest = Math.min(oldest ?? moment, moment);
  };
  for (const active of runs) {
    const dag = limits.dags.get(active.run.dag_id);
    if (!dag || dag.is_paused) continue;
    if (active.run.state === 'queued') note(queuedRunReady(active.run, dag, usage));
    // Without the structure nobody can say what a task waits for.
    else if (active.run.state === 'running' && active.structure)
      for (const task of active.all) note(taskReady(task, active, active.structure, dag, limits, usage));
  }
  for (const dag of limits.dags.values()) note(dueRunReady(dag, usage));
  return oldest;
}

interface Usage {
  runningRuns: Map<string, number>;
  activeRuns: Map<string, number>;
  /** Queued and running task instances. */
  byDag: Map<string, number>;
  byTask: Map<string, number>;
  slotsByPool: Map<string, number>;
  total: number;
}

function usageOf(runs: readonly ActiveRun[]): Usage {
  const usage: Usage = {
    runningRuns: new Map(),
    activeRuns: new Map(),
    byDag: new Map(),
    byTask: new Map(),
    slotsByPool: new Map(),
    total: 0,
  };
  for (const { run, all } of runs) {
    add(usage.activeRuns, run.dag_id, 1);
    if (run.state === 'running') add(usage.runningRuns, run.dag_id, 1);
    for (const task of all) {
      if (task.state !== 'queued' && task.state !== 'running') continue;
      usage.total += 1;
      add(usage.byDag, run.dag_id, 1);
      add(usage.byTask, `${run.dag_id}\u0000${task.task_id}`, 1);
      add(usage.slotsByPool, task.pool ?? '', task.pool_slots);
    }
  }
  return usage;
}

function add(counts: Map<string, number>, name: string, count: number): void {
  counts.set(name, (counts.get(name) ?? 0) + count);
}

function queuedRunReady(run: RunRow, dag: DagRow, usage: Usage): Micros | null {
  return (usage.runningRuns.get(dag.dag_id) ?? 0) < dag.max_active_runs ? run.queued_us : null;
}

function dueRunReady(dag: DagRow, usage: Usage): Micros | null {
  if (dag.is_paused || (usage.activeRuns.get(dag.dag_id) ?? 0) >= dag.max_active_runs) return null;
  return dag.next_run_us;
}

function taskReady(
  task: TaskRow,
  active: ActiveRun,
  structure: DagStructure,
  dag: DagRow,
  limits: Limits,
  usage: Usage,
): Micros | null {
  if (isFinishedTask(task.state) || task.state === 'running' || task.state === 'queued') return null;
  const definition = structure.get(task.task_id);
  if (!definition) return null;
  if (task.state === 'scheduled') return hasRoom(task, definition, dag, limits, usage) ? scheduledSince(task) : null;
  if (task.state === 'up_for_retry' || task.state === 'up_for_reschedule') return task.next_try_us;
  return task.state === null ? undecidedSince(task, definition, structure, active) : null;
}

function scheduledSince(task: TaskRow): Micros | null {
  return task.scheduled_us ?? task.updated_us;
}

function hasRoom(task: TaskRow, definition: TaskStructure, dag: DagRow, limits: Limits, usage: Usage): boolean {
  const pool = limits.pools.get(task.pool ?? '');
  const inPool = pool && pool.slots >= 0 ? pool.slots - (usage.slotsByPool.get(pool.pool) ?? 0) : Infinity;
  if (inPool < task.pool_slots) return false;
  if ((usage.byDag.get(dag.dag_id) ?? 0) >= dag.max_active_tasks) return false;
  const instances = usage.byTask.get(`${dag.dag_id}\u0000${task.task_id}`) ?? 0;
  if (definition.max_active_instances !== null && instances >= definition.max_active_instances) return false;
  return limits.parallelism === null || usage.total < limits.parallelism;
}

/** Rules that one upstream can satisfy. */
const ONE_OF: Readonly<Record<string, readonly (string | null)[]>> = {
  one_success: ['success'],
  one_failed: ['failed', 'upstream_failed'],
  one_done: ['success', 'failed'],
};

/** Since when the scheduler could have decided about a task that has no state: all it waits for is finished. */
function undecidedSince(
  task: TaskRow,
  definition: TaskStructure,
  structure: DagStructure,
  active: ActiveRun,
): Micros | null {
  if (definition.depends_on_past) return null;
  if (definition.upstream_task_ids.length === 0 || definition.trigger_rule === 'always') return active.run.start_us;
  const waitedFor = (id: string): readonly TaskRow[] => instancesFor(task, id, active.tasks, definition, structure);
  const early = ONE_OF[definition.trigger_rule];
  const first = early ? firstEnd(definition.upstream_task_ids.flatMap(waitedFor), early) : null;
  if (first !== null) return first;
  const last = lastEnd(definition.upstream_task_ids, waitedFor);
  return last === null ? null : Math.max(last, active.run.start_us ?? 0);
}

function firstEnd(upstreams: readonly TaskRow[], states: readonly (string | null)[]): Micros | null {
  const ends = upstreams.flatMap((one) => (one.end_us !== null && states.includes(one.state) ? [one.end_us] : []));
  return ends.length > 0 ? Math.min(...ends) : null;
}

/** When the last upstream ended; null while one has not. Most tasks wait at every poll, so nothing is built to find that. */
function lastEnd(upstreamIds: readonly string[], waitedFor: (id: string) => readonly TaskRow[]): Micros | null {
  let last: Micros | null = null;
  for (const id of upstreamIds) {
    const instances = waitedFor(id);
    if (instances.length === 0) return null;
    for (const { state, end_us: endUs } of instances) {
      if (!isFinishedTask(state)) return null;
      if (endUs !== null && endUs > (last ?? -Infinity)) last = endUs;
    }
  }
  return last;
}
