import { createHash } from 'node:crypto';
import { textProblem } from './storable.ts';

const LONGEST_RUN_ID = 250;

/**
 * The one rule for run ids: 1 to 250 characters without control characters, as Airflow and the exporter's API take them.
 * Answers what is wrong, or null.
 */
export function runIdProblem(runId: string): string | null {
  if (runId === '' || runId.length > LONGEST_RUN_ID) return `must have 1 to ${LONGEST_RUN_ID} characters`;
  if (/\p{Cc}/u.test(runId)) return 'must not hold control characters such as line ends';
  return textProblem(runId);
}

/**
 * Id of a run that a task starts without giving it one: named after the task instance, so that a second attempt starts it
 * no second time. A chain of runs that start each other would make it longer with each; a hash stands for what is too long.
 */
export function triggeredRunId(by: { dag_id: string; run_id: string; task_id: string }, at: number): string {
  const origin = `${by.dag_id}__${by.run_id}__${by.task_id}__${at}`;
  const full = `triggered__${origin}`;
  if (full.length <= LONGEST_RUN_ID) return full;
  const hash = createHash('sha256').update(origin).digest('hex').slice(0, 32);
  return `triggered__${by.dag_id.slice(0, 200)}__${hash}`;
}
