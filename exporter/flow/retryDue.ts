import type { Micros } from '../sources/rows.ts';
import type { RetryRule } from '../sources/structure.ts';

const SECOND_US = 1e6;
/** Airflow limits retry delays to one day. */
const LONGEST_US = 24 * 3600 * 1e6;

/**
 * The latest moment at which the try after a failed one is due. Airflow computes exponential delays in whole seconds and adds a
 * random part of up to the same length, so that tasks that failed together are not retried together.
 */
export function retryDueBy(rule: RetryRule, failedAttempt: number, endUs: Micros): Micros {
  if (rule.factor === 1) return endUs + rule.delay_us;
  const least = Math.ceil((rule.delay_us * rule.factor ** Math.max(0, failedAttempt - 1)) / SECOND_US) * SECOND_US;
  const most = 2 * Math.max(least, SECOND_US) - SECOND_US;
  return endUs + Math.min(most, LONGEST_US, rule.max_delay_us ?? Infinity);
}
