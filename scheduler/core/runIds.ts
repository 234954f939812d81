import { createHash } from 'node:crypto';
import { textProblem } from './storable.ts';

const LONGEST_RUN_ID = 250;

/**
 * The rule for all run ids: 1 to 250 characters without control characters, as in Airflow and the exporter's API. Returns what is
 * wrong, or null.
 */
export function runIdProblem(runId: string): string | null {
  if (runId === '' || runId.length > LONGEST_RUN_ID) return `must have 1 to ${LONGEST_RUN_ID} characters`;
  if (/\p{Cc}/u.test(runId)) return 'must not contain control characters such as line breaks';
  return textProblem(runId);
}

/**
 * Id of a run that a task starts without choosing an id. It is derived from the task instance, so that a second try does not start
 * a second run. In a chain of runs that start each other, ids would get longer and longer, so a long part is replaced by a hash.
 */
export function triggeredRunId(by: { dag_id: string; run_id: string; task_id: string }, at: number): string {
  const origin = `${by.dag_id}__${by.run_id}__${by.task_id}__${at}`;
  const full = `triggered__${origin}`;
  if (full.length <= LONGEST_RUN_ID) return full;
  const hash = createHash('sha256').update(origin).digest('hex').slice(0, 32);
  return `triggered__${by.dag_id.slice(0, 200)}__${hash}`;
}
