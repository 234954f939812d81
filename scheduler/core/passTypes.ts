import type { TaskInstanceState } from '../../shared/states.ts';

/** A task instance as a scheduling pass reads it. */
export interface TaskState {
  id: number;
  taskId: string;
  state: TaskInstanceState;
  tryNumber: number;
  /** Attempts allowed after the first. */
  maxTries: number;
  /** Milliseconds until its retry or next poke is due, 0 or less when it is; null for other states. */
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
  /** Task instances by task id, apart from those that have succeeded: nothing happens to them any more. */
  tasks: ReadonlyMap<string, TaskState>;
  succeeded: ReadonlySet<string>;
  /** The stamp of the last look is old enough to be renewed. */
  stampIsDue: boolean;
}

/** Slots of the pools and active tasks of the DAGs at the time of the pass. */
export interface Usage {
  /** `slots` −1 = unlimited. */
  pools: ReadonlyMap<string, { slots: number; occupied: number }>;
  activeTasks: ReadonlyMap<string, number>;
}

/** What the pass may change, and which attempts are abandoned. */
export interface PassInput {
  runs: readonly RunState[];
  usage: Usage;
  /** Pools whose lock the pass holds; only these may be filled. */
  heldPools: ReadonlySet<string>;
  /** Running attempts whose worker is dead: task instance id → try_number. */
  abandoned: ReadonlyMap<number, number>;
}

/** One change of a task instance; refused by the database when it does not stand as `from` says any more. */
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
  /** Milliseconds until the first of the runs' retries and pokes is due; null when there is none to come. */
  nextDueMs: number | null;
  /** Pools that ready tasks want and whose lock was not held. */
  wantedPools: Set<string>;
}
