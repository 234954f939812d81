import type { TaskInstanceState } from '../../shared/states.ts';
import type { TaskDefinition } from './definition.ts';
import type { RunState, TaskState, Usage } from './passTypes.ts';
import { Slots } from './slots.ts';
import { judge } from './triggerRules.ts';

/** The tasks of a DAG version by id, and the direct downstreams of each. */
export interface TaskGraph {
  tasks: ReadonlyMap<string, TaskDefinition>;
  downstream: ReadonlyMap<string, readonly string[]>;
}

/** A try whose end is recorded in this transaction. */
export interface EndedTask {
  dagRunId: number;
  dagId: string;
  state: TaskInstanceState;
  task: TaskDefinition;
  graph: TaskGraph;
}

/** See RunState. */
export type TaskStates = Pick<RunState, 'tasks' | 'succeeded'>;

export interface FollowOnInput {
  ended: readonly EndedTask[];
  /** Runs that only this transaction decides on until it ends, with the max_active_tasks of their DAG. */
  heldRuns: ReadonlyMap<number, number>;
  /** Pools that no scheduling pass fills until the transaction ends. */
  heldPools: ReadonlySet<string>;
  /** `pool:NAME` and `dag:ID` for which a task waits. The scheduler decides which task gets their next slot. */
  contended: ReadonlySet<string>;
  /** By run id: the downstreams of the ended tasks, and their upstreams, read after the ends were recorded. */
  states: ReadonlyMap<number, TaskStates>;
  /** Read after the ends were recorded. */
  usage: Usage;
  /** Queues whose tasks this worker may start immediately, because no other task waits there. */
  openQueues: ReadonlySet<string>;
}

/** A first try that takes over the slot of a task that has just ended. */
export interface FollowOnMove {
  id: number;
  dagRunId: number;
  taskId: string;
  fromTry: number;
  maxTries: number;
  /** `running` on this worker, or `queued` for any worker. */
  toState: 'running' | 'queued';
}

export interface FollowOn {
  moves: FollowOnMove[];
  /** Runs on which the scheduler has to decide. */
  left: Set<number>;
}

interface Candidate {
  ended: EndedTask;
  task: TaskDefinition;
  ti: TaskState;
}

/** Tasks with more downstreams or upstreams than this are left to the scheduler: at most one of the many would start earlier. */
const MOST_NEIGHBOURS = 8;

/**
 * Tasks whose states decide what follows a success: its downstreams, and all upstreams of these. Empty if the decision is left to
 * the scheduler.
 */
export function tasksToRead({ graph, task }: EndedTask): readonly string[] {
  const downstream = graph.downstream.get(task.task_id) ?? [];
  const upstreams = downstream.map((id) => graph.tasks.get(id)!.upstream_task_ids);
  if (downstream.length > MOST_NEIGHBOURS || upstreams.some((ids) => ids.length > MOST_NEIGHBOURS)) return [];
  return [...downstream, ...upstreams.flat()];
}

/**
 * Decides what a worker starts itself when tasks have ended: tasks that became ready by that, each in a slot that became free by
 * it. This needs no exact count of other slots, because the numbers in use do not grow. Everything else (limits that are reached,
 * other pools, more tasks than slots, skips, failures, the end of a run) is left to the scheduler.
 */
export function decideFollowOn(input: FollowOnInput): FollowOn {
  const left = new Set<number>();
  const freed = new FreedSlots();
  const candidates = new Map<number, Candidate>();
  for (const ended of input.ended) {
    const { dagRunId, state, task, dagId } = ended;
    const held = input.heldRuns.has(dagRunId) && input.heldPools.has(task.pool);
    if (state !== 'success' || !held || isContended(input, task.pool, dagId)) {
      left.add(dagRunId);
      continue;
    }
    freed.add(dagId, task);
    if (!collect(ended, input, candidates)) left.add(dagRunId);
  }
  return { moves: fill([...candidates.values()], input, freed, left), left };
}

/** Collects what may start after a task. Returns false if only the scheduler can decide something. */
function collect(ended: EndedTask, input: FollowOnInput, candidates: Map<number, Candidate>): boolean {
  const { graph, task } = ended;
  const states = input.states.get(ended.dagRunId);
  // Without downstreams, the run may have ended.
  if (!states || tasksToRead(ended).length === 0) return false;
  let isComplete = true;
  for (const taskId of graph.downstream.get(task.task_id)!) {
    const next = graph.tasks.get(taskId)!;
    const ti = states.tasks.get(taskId);
    if (ti?.state !== null) continue;
    const upstreams = next.upstream_task_ids.map((id) => stateOf(states, id));
    const verdict = judge(next.trigger_rule, upstreams);
    if (verdict === 'ready') candidates.set(ti.id, { ended, task: next, ti });
    else if (verdict !== 'wait') isComplete = false;
  }
  return isComplete;
}

function stateOf({ tasks, succeeded }: TaskStates, taskId: string): TaskInstanceState {
  return succeeded.has(taskId) ? 'success' : (tasks.get(taskId)?.state ?? null);
}

/** As in a pass: higher priority first, then the older run. */
function fill(candidates: Candidate[], input: FollowOnInput, freed: FreedSlots, left: Set<number>): FollowOnMove[] {
  const moves: FollowOnMove[] = [];
  const slots = new Slots(input.usage);
  candidates.sort(
    (a, b) =>
      b.task.priority_weight - a.task.priority_weight || a.ended.dagRunId - b.ended.dagRunId || a.ti.id - b.ti.id,
  );
  for (const { ended, task, ti } of candidates) {
    const { dagRunId, dagId } = ended;
    const run = { dagId, maxActiveTasks: input.heldRuns.get(dagRunId)! };
    // Check the limits, too: one may have been lowered since the slot was taken.
    if (!freed.has(dagId, task) || slots.take(run, task) !== null) {
      left.add(dagRunId);
      continue;
    }
    freed.take(dagId, task);
    const toState = input.openQueues.has(task.queue) ? 'running' : 'queued';
    moves.push({ id: ti.id, dagRunId, taskId: task.task_id, fromTry: ti.tryNumber, maxTries: ti.maxTries, toState });
  }
  return moves;
}

function isContended({ contended }: FollowOnInput, pool: string, dagId: string): boolean {
  return contended.has(`pool:${pool}`) || contended.has(`dag:${dagId}`);
}

/** Slots of pools, and places among a DAG's active tasks, that have just become free. */
class FreedSlots {
  private readonly free = new Map<string, number>();

  add(dagId: string, task: TaskDefinition): void {
    this.change(dagId, task, 1);
  }

  has(dagId: string, task: TaskDefinition): boolean {
    return this.of(`pool:${task.pool}`) >= task.pool_slots && this.of(`dag:${dagId}`) >= 1;
  }

  take(dagId: string, task: TaskDefinition): void {
    this.change(dagId, task, -1);
  }

  private change(dagId: string, task: TaskDefinition, sign: 1 | -1): void {
    this.free.set(`pool:${task.pool}`, this.of(`pool:${task.pool}`) + sign * task.pool_slots);
    this.free.set(`dag:${dagId}`, this.of(`dag:${dagId}`) + sign);
  }

  private of(key: string): number {
    return this.free.get(key) ?? 0;
  }
}
