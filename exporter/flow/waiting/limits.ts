import { isParkedTask } from '../../../shared/states.ts';
import type { RunRow, TaskRow } from '../../sources/rows.ts';
import type { TaskStructure } from '../../sources/structure.ts';
import type { ActiveRun, Limit, SourceLimits } from './activeRun.ts';

/** Key for all task instances together, for the limit of the executor. */
export const ALL_TASKS = 'all';
/** Beginning of the keys of single executors. */
export const EXECUTOR_PREFIX = 'executor:';

type Holder = Pick<TaskRow, 'run' | 'task_id' | 'pool' | 'state' | 'executor'>;

/** What determines whether a parked task instance (deferred or awaiting input) counts towards a limit. */
export type ParkingRules = Pick<SourceLimits, 'dags' | 'pools' | 'parkedCountForTask'>;

/** Keys of all limits that a task instance counts towards while it holds its slot. */
export function keysOf(task: Holder, dagId: string, { dags }: Pick<SourceLimits, 'dags'>): string[] {
  return [
    `pool:${task.pool ?? ''}`,
    `tasks:${dagId}`,
    `tasks:${dagId}\u0000${task.run}`,
    `task:${dagId}\u0000${task.task_id}`,
    `task:${dagId}\u0000${task.task_id}\u0000${task.run}`,
    ALL_TASKS,
    ...executorsOf(task, dags.get(dagId)?.team ?? null).map(executorKey),
  ];
}

/** Executors with a limit of their own: the one that a task names and, as a team may have executors of its own, its team's. */
function executorsOf({ executor }: Holder, team: string | null): string[] {
  return [...(executor === null ? [] : [executor]), ...(team === null ? [] : [`${executor ?? ''}\u0000${team}`])];
}

export function executorKey(executor: string): string {
  return `${EXECUTOR_PREFIX}${executor}`;
}

export function amountOf(key: string, task: Pick<TaskRow, 'pool_slots'>): number {
  return key.startsWith('pool:') ? task.pool_slots : 1;
}

/** Key for the runs of one DAG or, in Airflow 3, of one backfill, which has its own limit. */
export function runsKey(run: Pick<RunRow, 'dag_id' | 'backfill_id'>): string {
  return run.backfill_id === null ? `runs:${run.dag_id}` : `runs:${run.dag_id}\u0000${run.backfill_id}`;
}

/**
 * Whether a task instance counts towards a limit: while it is queued or running, and for some limits also while it is parked. While
 * it is restarting, only the executor still counts it, until its process has ended.
 */
export function holds(task: Holder, key: string, { pools, parkedCountForTask }: ParkingRules): boolean {
  if (task.state === 'queued' || task.state === 'running') return true;
  if (task.state === 'restarting') return key === ALL_TASKS || key.startsWith(EXECUTOR_PREFIX);
  if (!isParkedTask(task.state)) return false;
  if (key.startsWith('task:')) return parkedCountForTask;
  return task.state === 'deferred' && key.startsWith('pool:') && pools.get(task.pool ?? '')?.include_deferred === true;
}

const HOLDING: readonly TaskRow['state'][] = ['queued', 'running', 'restarting'];

function mayHold(state: TaskRow['state']): boolean {
  return HOLDING.includes(state) || isParkedTask(state);
}

/** How much of every limit is in use. */
export function usageOf(
  runs: readonly ActiveRun[],
  rules: ParkingRules & Pick<SourceLimits, 'executorCallbacks'>,
): Map<string, number> {
  const usage = new Map([[ALL_TASKS, rules.executorCallbacks]]);
  const add = (key: string, amount: number): void => void usage.set(key, (usage.get(key) ?? 0) + amount);
  for (const { run, all } of runs) {
    if (run.state === 'running') add(runsKey(run), 1);
    for (const task of all) {
      if (!mayHold(task.state)) continue;
      for (const key of keysOf(task, run.dag_id, rules)) if (holds(task, key, rules)) add(key, amountOf(key, task));
    }
  }
  return usage;
}

/** Limits that a task instance must meet before it is handed to the executor, in the order in which the scheduler checks them. */
export function limitsOf(
  task: TaskRow,
  run: RunRow,
  definition: TaskStructure | undefined,
  source: SourceLimits,
): Limit[] {
  const [pool, ofDag, ofRun, ofTask, ofTaskInRun] = keysOf(task, run.dag_id, source);
  const dag = source.dags.get(run.dag_id);
  const slots = source.pools.get(task.pool ?? '')?.slots ?? 0;
  const limits: Limit[] = [
    { reason: 'pool_full', key: pool!, capacity: slots < 0 ? Infinity : slots, need: task.pool_slots },
  ];
  const add = (reason: Limit['reason'], key: string, capacity: number | null | undefined): void => {
    if (capacity != null) limits.push({ reason, key, capacity, need: 1 });
  };
  add('max_active_tasks', source.kind === 'airflow3' ? ofRun! : ofDag!, dag?.max_active_tasks);
  add('task_limit', ofTask!, definition?.max_active_instances);
  add('task_limit_per_run', ofTaskInRun!, definition?.max_active_per_run);
  add('parallelism', ALL_TASKS, source.parallelism?.tasks);
  for (const executor of executorsOf(task, dag?.team ?? null))
    add('parallelism', executorKey(executor), source.parallelism?.byExecutor.get(executor));
  return limits;
}

/** The first limit without enough room; null if all have room. */
export function reached(limits: readonly Limit[], { usage }: { usage: ReadonlyMap<string, number> }): Limit | null {
  return limits.find(({ key, capacity, need }) => (usage.get(key) ?? 0) + need > capacity) ?? null;
}
