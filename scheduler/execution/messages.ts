import type { TriggeredRun } from '../authoring/types.ts';

/** What the worker tells a task thread: one attempt to run. */
export interface RunMessage {
  /** The DAG's code, as a file. */
  bundleFile: string;
  dagId: string;
  runId: string;
  taskId: string;
  tryNumber: number;
  /** RFC 3339. */
  logicalDate: string | null;
  conf: Record<string, unknown>;
  databaseUrl: string;
  /** Characters of output to keep at the start, and as many at the end. */
  logHalf: number;
}

/** How a function ended. `value` is a sensor's answer. */
export type FunctionResult =
  | { outcome: 'success'; value: boolean; runs: TriggeredRun[] }
  | { outcome: 'skipped'; reason: string }
  | { outcome: 'failed'; message: string; isFinal: boolean };

/** What a task thread tells the worker. */
export type ThreadMessage =
  { type: 'log'; text: string } | { type: 'done'; result: FunctionResult; tail: string; dropped: number };
