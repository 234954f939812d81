/** What a task's function is given. */
export interface TaskContext<Conf = Record<string, unknown>> {
  dagId: string;
  runId: string;
  taskId: string;
  /** From 1. */
  tryNumber: number;
  /** The time that the run stands for; null for runs without one. */
  logicalDate: Date | null;
  /** The run's own `conf` over the DAG's `params`. */
  conf: Conf;
  /** Database that the scheduler runs on, for tasks that keep their own tables beside it. */
  databaseUrl: string;
  /** Kept with the attempt, like everything that the function prints. */
  log(message: string): void;
}

export type TaskFunction<Conf = Record<string, unknown>> = (context: TaskContext<Conf>) => unknown;
/** Answers whether what it waits for is there. */
export type PokeFunction<Conf = Record<string, unknown>> = (context: TaskContext<Conf>) => boolean | Promise<boolean>;

/** One run to start. The same `runId` again starts nothing. */
export interface TriggeredRun {
  runId?: string;
  conf?: Record<string, unknown>;
  logicalDate?: Date | null;
}
export type TriggerFunction<Conf = Record<string, unknown>> = (
  context: TaskContext<Conf>,
) => TriggeredRun | TriggeredRun[] | Promise<TriggeredRun | TriggeredRun[]>;

/** Thrown by a task: ends it as skipped. */
export class SkipTask extends Error {
  override name = 'SkipTask';
}

/** Thrown by a task: ends it as failed, whatever retries are left. */
export class FailTask extends Error {
  override name = 'FailTask';
}
