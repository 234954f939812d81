import type { TaskInstanceState } from '../../shared/states.ts';

/** A task instance as a scheduling pass reads it. */
export interface TaskState {
  id: number;
  taskId: string;
  state: TaskInstanceState;
  tryNumber: number;
  /** Number of tries allowed after the first. */
  maxTries: number;
  /** Milliseconds until its retry or next poke is due, 0 or less if it is due; null in other states. */
  dueInMs: number | null;
}

/** A running DAG run as a scheduling pass reads it. */
export interface RunState {
  id: number;
  dagId: string;
  runId: string;
  dagVersionId: number;
  isPaused: boolean;
  maxActiveTasks: number;
  /** Task instances by task id, without those that have succeeded, which no longer change. */
  tasks: ReadonlyMap<string, TaskState>;
  succeeded: ReadonlySet<string>;
  /** Whether last_scheduling_decision is old enough to be updated. */
  stampIsDue: boolean;
}

/** Slots of the pools and active tasks of the DAGs at the time of the pass. */
export interface Usage {
  /** `slots` −1 = unlimited. */
  pools: ReadonlyMap<string, { slots: number; occupied: number }>;
  activeTasks: ReadonlyMap<string, number>;
}

/** The state that a pass decides on. */
export interface PassInput {
  runs: readonly RunState[];
  usage: Usage;
  /** Pools whose lock the pass holds; it may only fill these. */
  heldPools: ReadonlySet<string>;
  /** Running tries whose worker is dead: task instance id → try_number. */
  abandoned: ReadonlyMap<number, number>;
}

/** One change of a task instance. The database refuses it if the task instance is no longer in the state that `from…` says. */
export interface Move {
  id: number;
  dagRunId: number;
  fromState: TaskInstanceState;
  fromTry: number;
  toState: TaskInstanceState;
  toTry: number;
  maxTries: number;
  /** State under which the current try is recorded in task_instance_history; null if the try continues. */
  endedTryState: 'failed' | 'restarting' | null;
  /** For up_for_retry: seconds from now. */
  delaySeconds: number | null;
}

export interface RunEnd {
  id: number;
  state: 'success' | 'failed';
}

/** A run with a ready task that a limit holds back. */
export interface Blocked {
  dagRunId: number;
  /** `pool:NAME` or `dag:ID`. */
  by: string;
  priority: number;
}

export interface Decision {
  moves: Move[];
  ends: RunEnd[];
  blocked: Blocked[];
  /** Milliseconds until the first retry or poke of the runs is due; null if there is none. */
  nextDueMs: number | null;
  /** Pools that ready tasks need, but whose lock was not held. */
  wantedPools: Set<string>;
}
