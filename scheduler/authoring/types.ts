/** The argument of a task's function. */
export interface TaskContext<Conf = Record<string, unknown>> {
  dagId: string;
  runId: string;
  taskId: string;
  /** From 1. */
  tryNumber: number;
  /** The logical date of the run; null if it has none. */
  logicalDate: Date | null;
  /** The run's `conf`, with the DAG's `params` as defaults. */
  conf: Conf;
  /** URL of the scheduler's database, for tasks that have their own tables there. */
  databaseUrl: string;
  /** Writes to the log of the try, as does everything that the function prints. */
  log(message: string): void;
}

export type TaskFunction<Conf = Record<string, unknown>> = (context: TaskContext<Conf>) => unknown;
/** Returns whether the sensor's condition is met. */
export type PokeFunction<Conf = Record<string, unknown>> = (context: TaskContext<Conf>) => boolean | Promise<boolean>;

/** One run to start. If a run with this `runId` exists, nothing is started. */
export interface TriggeredRun {
  runId?: string;
  conf?: Record<string, unknown>;
  logicalDate?: Date | null;
}
export type TriggerFunction<Conf = Record<string, unknown>> = (
  context: TaskContext<Conf>,
) => TriggeredRun | TriggeredRun[] | Promise<TriggeredRun | TriggeredRun[]>;

/** Throw this in a task to end it as skipped. */
export class SkipTask extends Error {
  override name = 'SkipTask';
}

/** Throw this in a task to end it as failed without further retries. */
export class FailTask extends Error {
  override name = 'FailTask';
}
