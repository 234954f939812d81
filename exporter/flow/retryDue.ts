import type { Micros } from '../sources/rows.ts';
import type { RetryRule } from '../sources/structure.ts';

/** Airflow allows no longer delay than a day. */
const LONGEST_US = 24 * 3600 * 1e6;

/**
 * When the attempt after a failed one is due at the latest. Airflow adds a share of up to the same length again to a
 * delay that grows, so that tasks which failed together do not come back together.
 */
export function retryDueBy(rule: RetryRule, failedAttempt: number, endUs: Micros): Micros {
  if (rule.factor === 1) return endUs + rule.delay_us;
  const grown = Math.min(2 * rule.delay_us * rule.factor ** Math.max(0, failedAttempt - 1), LONGEST_US);
  return endUs + Math.min(grown, rule.max_delay_us ?? Infinity);
}
