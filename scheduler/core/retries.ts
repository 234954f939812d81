import type { SerializedTask } from '../../shared/dag.ts';

type RetryRules = Pick<SerializedTask, 'retry_delay_seconds' | 'retry_exponential_backoff' | 'max_retry_delay_seconds'>;

/** What follows a failed try. */
export type AfterFailure = { state: 'failed' } | { state: 'up_for_retry'; delaySeconds: number };

/** `tryNumber` is the failed try, from 1; `maxTries` is the number of tries after the first. */
export function afterFailure(task: RetryRules, tryNumber: number, maxTries: number): AfterFailure {
  if (tryNumber > maxTries) return { state: 'failed' };
  return { state: 'up_for_retry', delaySeconds: retryDelay(task, tryNumber) };
}

/** Maximum delay under exponential back-off if the task sets no limit, in seconds. */
const LONGEST_BACKOFF = 86_400;

/** Seconds until the next try: delay × 2^(try − 1) under exponential back-off, capped. */
function retryDelay(task: RetryRules, tryNumber: number): number {
  const { retry_delay_seconds: first, max_retry_delay_seconds: most } = task;
  if (!task.retry_exponential_backoff) return Math.min(first, most ?? Infinity);
  return Math.min(first * 2 ** Math.min(tryNumber - 1, 30), most ?? Math.max(first, LONGEST_BACKOFF));
}
