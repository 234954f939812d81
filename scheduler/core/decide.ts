import { isFinishedTask, type TaskInstanceState } from '../../shared/states.ts';
import type { TaskDefinition } from './definition.ts';
import { afterFailure } from './retries.ts';
import { Slots } from './slots.ts';
import type { Blocked, Decision, Move, PassInput, RunEnd, RunState, TaskState } from './passTypes.ts';
import { judge } from './triggerRules.ts';

/** The tasks of a DAG version, upstreams first. */
export type TasksOf = (dagVersionId: number) => readonly TaskDefinition[];

/** A task instance that may be queued as soon as there is a slot. */
interface Candidate {
  run: RunState;
  task: TaskDefinition;
  ti: TaskState;
}

/**
 * One scheduling pass as a pure function. It queues ready tasks as far as pools and limits allow, by priority and then by the age
 * of the run. It closes tasks that can no longer run, and ends runs whose tasks have all finished.
 */
export function decide(input: PassInput, tasksOf: TasksOf): Decision {
  const decision: Decision = { moves: [], ends: [], blocked: [], nextDueMs: null, wantedPools: new Set() };
  const candidates: Candidate[] = [];
  for (const run of input.runs) {
    const tasks = tasksOf(run.dagVersionId);
    const states = advance(run, tasks, input.abandoned, decision.moves, candidates);
    const end = runEnd(run, tasks, states);
    if (end) decision.ends.push(end);
  }
  fillSlots(candidates, input, decision);
  decision.nextDueMs = nextDue(input.runs);
  return decision;
}

/** Applies the moves that need no slot, collects those that do, and returns the resulting states of the run's tasks. */
function advance(
  run: RunState,
  tasks: readonly TaskDefinition[],
  abandoned: ReadonlyMap<number, number>,
  moves: Move[],
  candidates: Candidate[],
): Map<string, TaskInstanceState> {
  const states = new Map<string, TaskInstanceState>();
  for (const task of tasks) {
    if (run.succeeded.has(task.task_id)) {
      states.set(task.task_id, 'success');
      continue;
    }
    const ti = run.tasks.get(task.task_id);
    if (!ti) continue;
    let state = ti.state;
    if (state === null) {
      const verdict = judge(
        task.trigger_rule,
        task.upstream_task_ids.map((id) => states.get(id) ?? null),
      );
      if (verdict === 'ready') candidates.push({ run, task, ti });
      else if (verdict !== 'wait') {
        moves.push(move(run, ti, verdict));
        state = verdict;
      }
    } else if (state === 'running' && abandoned.get(ti.id) === ti.tryNumber) {
      const rescue = rescueMove(run, task, ti);
      moves.push(rescue);
      state = rescue.toState;
    } else if (waitsForSlot(ti)) {
      candidates.push({ run, task, ti });
    }
    states.set(task.task_id, state);
  }
  return states;
}

function waitsForSlot(ti: TaskState): boolean {
  if (ti.state === 'up_for_retry' || ti.state === 'up_for_reschedule') return isDue(ti);
  return ti.state === 'scheduled' || ti.state === 'restarting';
}

function isDue(ti: TaskState): boolean {
  return ti.dueInMs === null || ti.dueInMs <= 0;
}

function nextDue(runs: readonly RunState[]): number | null {
  let next: number | null = null;
  for (const run of runs) {
    for (const { dueInMs } of run.tasks.values()) {
      if (dueInMs !== null && dueInMs > 0 && (next === null || dueInMs < next)) next = dueInMs;
    }
  }
  return next;
}

/** Move of a try whose worker is dead: the try has failed, and the task's retry rules decide what follows. */
function rescueMove(run: RunState, task: TaskDefinition, ti: TaskState): Move {
  const next = afterFailure(task, ti.tryNumber, ti.maxTries);
  const delaySeconds = next.state === 'up_for_retry' ? next.delaySeconds : null;
  return { ...move(run, ti, next.state), delaySeconds };
}

function move(run: RunState, ti: TaskState, toState: TaskInstanceState): Move {
  return {
    id: ti.id,
    dagRunId: run.id,
    fromState: ti.state,
    fromTry: ti.tryNumber,
    toState,
    toTry: ti.tryNumber,
    maxTries: ti.maxTries,
    endedTryState: null,
    delaySeconds: null,
  };
}

function fillSlots(candidates: Candidate[], input: PassInput, decision: Decision): void {
  const slots = new Slots(input.usage);
  candidates.sort(
    (a, b) => b.task.priority_weight - a.task.priority_weight || a.run.id - b.run.id || a.ti.id - b.ti.id,
  );
  for (const { run, task, ti } of candidates) {
    if (run.isPaused) continue;
    const by = input.heldPools.has(task.pool) ? slots.take(run, task) : `pool:${task.pool}`;
    if (by === null) {
      decision.moves.push(queueMove(run, ti));
      continue;
    }
    if (!input.heldPools.has(task.pool)) decision.wantedPools.add(task.pool);
    if (ti.state === null) decision.moves.push(move(run, ti, 'scheduled'));
    decision.blocked.push(blockedBy(run, task, by));
  }
}

function blockedBy(run: RunState, task: TaskDefinition, by: string): Blocked {
  return { dagRunId: run.id, by, priority: task.priority_weight };
}

/** Queues a task instance. A retry, or a task that a worker handed back, starts a new try. A sensor's next poke continues its try. */
function queueMove(run: RunState, ti: TaskState): Move {
  const goesOn = ti.state === 'up_for_reschedule';
  const handedBack = ti.state === 'restarting';
  const endedTryState = handedBack ? 'restarting' : ti.state === 'up_for_retry' ? 'failed' : null;
  return {
    ...move(run, ti, 'queued'),
    toTry: goesOn ? ti.tryNumber : ti.tryNumber + 1,
    // A stopped worker must not use up one of the task's retries.
    maxTries: handedBack ? ti.maxTries + 1 : ti.maxTries,
    endedTryState,
  };
}

/** As in Airflow, tasks without downstreams decide: if one of them failed, the run has failed. */
function runEnd(
  run: RunState,
  tasks: readonly TaskDefinition[],
  states: ReadonlyMap<string, TaskInstanceState>,
): RunEnd | null {
  for (const state of states.values()) if (!isFinishedTask(state)) return null;
  const upstreams = new Set(tasks.flatMap((task) => task.upstream_task_ids));
  const failed = tasks.some(({ task_id: taskId }) => {
    const state = states.get(taskId);
    return !upstreams.has(taskId) && (state === 'failed' || state === 'upstream_failed');
  });
  return { id: run.id, state: failed ? 'failed' : 'success' };
}
