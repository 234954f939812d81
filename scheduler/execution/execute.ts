import { parseJson, stringifyJson } from '../../platform/json.ts';
import type { TaskDefinition } from '../core/definition.ts';
import { afterFailure } from '../core/retries.ts';
import { triggeredRunId } from '../core/runIds.ts';
import type { AttemptEndState, StartedAttempt } from '../store/attempts.ts';
import { createRuns, dagExists, type NewRun } from '../store/createRuns.ts';
import type { Queryable } from '../store/database.ts';
import type { AttemptLog } from './attemptLog.ts';
import { CappedText } from './cappedText.ts';
import type { FunctionResult, WantedRun } from './messages.ts';
import { runShell } from './shell.ts';
import type { ThreadPool } from './threadPool.ts';

/** The next state of the task instance. */
export interface Outcome {
  state: AttemptEndState;
  delaySeconds: number | null;
}

/** One try with everything that it needs. */
export interface Attempt {
  started: StartedAttempt;
  tryNumber: number;
  /** When this worker learned of its start, in milliseconds of performance.now(). */
  since: number;
  /** Called with the delay if its function was called late. */
  onDelay: (milliseconds: number) => void;
  task: TaskDefinition;
  /** Returns the file with the DAG's code; null for DAGs without code. */
  bundleFile: () => Promise<string | null>;
}

export interface ExecutionMeans {
  db: Queryable;
  threads: ThreadPool;
  databaseUrl: string;
  /** The part of the worker's environment that tasks may see. */
  environment: Readonly<Record<string, string>>;
  /** Bytes of a try's output to keep. */
  logLimit: number;
  /** Ends shell tasks when aborted. */
  signal: AbortSignal;
}

/** Runs one try of any kind of task. Never rejects: any error in a task is a failure of the try. */
export async function execute(attempt: Attempt, means: ExecutionMeans, log: AttemptLog): Promise<Outcome> {
  try {
    const result = await RUN[attempt.task.kind](attempt, means, log);
    return 'state' in result ? result : afterFunction(attempt, result, log);
  } catch (error) {
    log.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return failed(attempt, false);
  }
}

type Run = (attempt: Attempt, means: ExecutionMeans, log: AttemptLog) => Promise<FunctionResult | Outcome>;

const RUN: Record<TaskDefinition['kind'], Run> = {
  function: callFunction,
  shell: callShell,
  sensor: poke,
  trigger_dag: trigger,
};

const SUCCESS: Outcome = { state: 'success', delaySeconds: null };

function failed({ task, tryNumber, started }: Attempt, isFinal: boolean): Outcome {
  const next = isFinal ? { state: 'failed' as const } : afterFailure(task, tryNumber, started.max_tries);
  return { state: next.state, delaySeconds: 'delaySeconds' in next ? next.delaySeconds : null };
}

function afterFunction(attempt: Attempt, result: FunctionResult, log: AttemptLog): Outcome {
  if (result.outcome === 'success') return SUCCESS;
  if (result.outcome === 'failed') return failed(attempt, result.isFinal);
  log.write(`Skipped: ${result.reason}\n`);
  return { state: 'skipped', delaySeconds: null };
}

async function callFunction(attempt: Attempt, means: ExecutionMeans, log: AttemptLog): Promise<FunctionResult> {
  const { started, tryNumber, task } = attempt;
  const bundleFile = await attempt.bundleFile();
  if (bundleFile === null) throw new Error(`The code of DAG "${started.dag_id}" is no longer in the database.`);
  return means.threads.run({
    timeoutSeconds: task.execution_timeout_seconds,
    since: attempt.since,
    onLog: (text, dropped) => log.write(text, dropped),
    onDelay: attempt.onDelay,
    message: {
      bundleFile,
      dagId: started.dag_id,
      runId: started.run_id,
      taskId: started.task_id,
      tryNumber,
      logicalDate: started.logical_date,
      conf: started.conf,
      databaseUrl: means.databaseUrl,
      logHalf: Math.floor(means.logLimit / 2),
    },
  });
}

async function callShell(attempt: Attempt, means: ExecutionMeans, log: AttemptLog): Promise<Outcome> {
  const { started, task, tryNumber } = attempt;
  const text = new CappedText(Math.floor(means.logLimit / 2), (head) => log.write(head));
  const result = await runShell({
    spec: task.shell!,
    environment: means.environment,
    conf: started.conf,
    timeoutSeconds: task.execution_timeout_seconds,
    signal: means.signal,
    onOutput: (chunk) => text.write(chunk),
    facts: {
      RUNBEAT_DAG_ID: started.dag_id,
      RUNBEAT_RUN_ID: started.run_id,
      RUNBEAT_TASK_ID: started.task_id,
      RUNBEAT_TRY_NUMBER: String(tryNumber),
      ...(started.logical_date ? { RUNBEAT_LOGICAL_DATE: new Date(started.logical_date).toISOString() } : {}),
    },
  });
  const tail = text.tail();
  if (tail.text) log.write(tail.text, tail.dropped);
  if (result.ok) return SUCCESS;
  log.write(`Ended: ${result.message}\n`);
  return failed(attempt, false);
}

async function poke(attempt: Attempt, means: ExecutionMeans, log: AttemptLog): Promise<FunctionResult | Outcome> {
  const poked = performance.now();
  const result = await callFunction(attempt, means, log);
  if (result.outcome !== 'success' || result.value) return result;
  const sensor = attempt.task.sensor!;
  const waited = attempt.started.waited_seconds + (performance.now() - poked) / 1000;
  if (sensor.timeout_seconds === null || waited < sensor.timeout_seconds) {
    return { state: 'up_for_reschedule', delaySeconds: sensor.poke_interval_seconds };
  }
  log.write(`Gave up after ${sensor.timeout_seconds} s\n`);
  return sensor.soft_fail ? { state: 'skipped', delaySeconds: null } : failed(attempt, true);
}

async function trigger(attempt: Attempt, means: ExecutionMeans, log: AttemptLog): Promise<FunctionResult | Outcome> {
  const { dag_id: dagId, conf } = attempt.task.trigger!;
  let runs: WantedRun[] = [{ runId: null, conf: stringifyJson(conf ?? {}), logicalDate: null }];
  if (conf === null) {
    const result = await callFunction(attempt, means, log);
    if (result.outcome !== 'success') return result;
    runs = result.runs;
  }
  const made = await createRuns(
    means.db,
    runs.map((run, at) => newRun(attempt, dagId, run, at)),
  );
  if (made.length === 0 && !(await dagExists(means.db, dagId))) {
    log.write(`there is no DAG "${dagId}"\n`);
    return failed(attempt, false);
  }
  log.write(
    `Started ${made.length} of ${runs.length} runs of ${dagId}${made.length < runs.length ? '; the others exist already' : ''}\n`,
  );
  return SUCCESS;
}

function newRun({ started }: Attempt, dagId: string, run: WantedRun, at: number): NewRun {
  return {
    dagId,
    runId: run.runId ?? triggeredRunId(started, at),
    runType: 'manual',
    logicalDate: run.logicalDate === null ? null : new Date(run.logicalDate),
    conf: parseJson(run.conf) as Record<string, unknown>,
    triggeredBy: `${started.dag_id}/${started.run_id}/${started.task_id}`,
  };
}
