import type { SerializedTask } from '../../shared/dag.ts';

type RetryRules = Pick<SerializedTask, 'retry_delay_seconds' | 'retry_exponential_backoff' | 'max_retry_delay_seconds'>;

/** What follows a failed attempt. */
export type AfterFailure = { state: 'failed' } | { state: 'up_for_retry'; delaySeconds: number };

/** `tryNumber` is the attempt that failed, from 1; `maxTries` counts the attempts after the first. */
export function afterFailure(task: RetryRules, tryNumber: number, maxTries: number): AfterFailure {
  if (tryNumber > maxTries) return { state: 'failed' };
  return { state: 'up_for_retry', delaySeconds: retryDelay(task, tryNumber) };
}

/** Seconds until the next attempt: delay × 2^(try − 1) under back-off, capped. */
function retryDelay(task: RetryRules, tryNumber: number): number {
  const factor = task.retry_exponential_backoff ? 2 ** Math.min(tryNumber - 1, 30) : 1;
  return Math.min(task.retry_delay_seconds * factor, task.max_retry_delay_seconds ?? Infinity, 86_400);
}
