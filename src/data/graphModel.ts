import type { TaskInstanceState } from '../../shared/states.ts';

/** One task of the DAG; the instances of a mapped task are one node. */
export interface GraphNode {
  /** The task_id. */
  id: string;
  title: string;
  /** The most urgent of its instances' states. */
  state: TaskInstanceState;
  /** Duration of its newest try (the longest one of its instances); null before it ran. */
  durationSeconds: number | null;
  /** Dotted name of its group, or null. */
  group: string | null;
  operator: string | null;
  tryNumber: number | null;
  critical: boolean;
  /** 1 for a task that is not mapped. */
  instances: number;
  /** Why its first waiting instance does not proceed, as a sentence; null if none waits. */
  waiting: string | null;
}

/** A dependency with its transition: start(target) − end(source), if source was the last upstream that target waited for. */
export interface GraphEdge {
  id: string;
  source: string;
  target: string;
  /** Seconds of the slowest instance; null if nothing was measured. */
  seconds: number | null;
  critical: boolean;
}

/** The run that a graph belongs to. */
export interface RunIdentity {
  source: string;
  dagId: string;
  runId: string;
}

export interface GraphModel {
  /** Null if the frames do not say. */
  run: RunIdentity | null;
  nodes: GraphNode[];
  edges: GraphEdge[];
  /** Sentences about missing data. */
  notes: string[];
}
