import type { TaskInstanceState } from '../../shared/states.ts';

/** One task of the DAG; the instances of a mapped task are one node. */
export interface GraphNode {
  /** The task_id. */
  id: string;
  title: string;
  /** The most urgent of its instances' states. */
  state: TaskInstanceState;
  /** Of its newest attempt; the longest of its instances; null before it ran. */
  durationSeconds: number | null;
  /** Dotted name of the group it is in, or null. */
  group: string | null;
  operator: string | null;
  tryNumber: number | null;
  critical: boolean;
  /** 1 for a task that is not mapped. */
  instances: number;
  /** Why it does not go on, in a sentence; of the first instance that waits; null for what runs or has ended. */
  waiting: string | null;
}

/** Dependency, with what it cost: start(target) − end(source), where source was the last upstream waited for. */
export interface GraphEdge {
  id: string;
  source: string;
  target: string;
  /** Seconds; null where nothing was measured; the slowest of a mapped task's instances. */
  seconds: number | null;
  critical: boolean;
}

/** Which run a graph is of. */
export interface RunIdentity {
  source: string;
  dagId: string;
  runId: string;
}

export interface GraphModel {
  /** Null where the frames do not say. */
  run: RunIdentity | null;
  nodes: GraphNode[];
  edges: GraphEdge[];
  /** For people: why something is missing. */
  notes: string[];
}
