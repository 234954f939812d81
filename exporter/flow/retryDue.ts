import type { Micros } from '../sources/rows.ts';
import type { RetryRule } from '../sources/structure.ts';

const SECOND_US = 1e6;
/** Airflow allows no longer delay than a day. */
const LONGEST_US = 24 * 3600 * 1e6;

/**
 * When the attempt after a failed one is due at the latest. Airflow takes a delay that grows, or shrinks, in whole seconds,
 * and adds up to the same length again, so that tasks which failed together do not come back together.
 */
export function retryDueBy(rule: RetryRule, failedAttempt: number, endUs: Micros): Micros {
  if (rule.factor === 1) return endUs + rule.delay_us;
  const least = Math.ceil((rule.delay_us * rule.factor ** Math.max(0, failedAttempt - 1)) / SECOND_US) * SECOND_US;
  const most = 2 * Math.max(least, SECOND_US) - SECOND_US;
  return endUs + Math.min(most, LONGEST_US, rule.max_delay_us ?? Infinity);
}
