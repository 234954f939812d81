import { describe, expect, it } from 'vitest';
import type { TaskInstanceState, TriggerRule } from '../../../shared/states.ts';
import { TRIGGER_RULES } from '../../../shared/states.ts';
import { judge, type Readiness } from '../../../scheduler/core/triggerRules.ts';

const S = 'success';
const F = 'failed';
const K = 'skipped';
const U = 'upstream_failed';

const TABLE: Record<TriggerRule, [TaskInstanceState[], Readiness][]> = {
  all_success: [
    [[S, S], 'ready'],
    [[S, null], 'wait'],
    [[F, null], 'upstream_failed'],
    [[S, K], 'skipped'],
    [[U, S], 'upstream_failed'],
  ],
  all_failed: [
    [[F, U], 'ready'],
    [[F, null], 'wait'],
    [[F, S], 'skipped'],
    [[K, null], 'skipped'],
  ],
  all_done: [
    [[S, F, K], 'ready'],
    [[S, 'running'], 'wait'],
  ],
  all_done_min_one_success: [
    [[S, F], 'ready'],
    [[F, K], 'upstream_failed'],
    [[K, K], 'skipped'],
    [[S, 'running'], 'wait'],
  ],
  all_done_setup_success: [
    [[F, S], 'ready'],
    [[S, 'queued'], 'wait'],
  ],
  all_skipped: [
    [[K, K], 'ready'],
    [[K, null], 'wait'],
    [[K, S], 'skipped'],
    [[F, null], 'skipped'],
  ],
  one_success: [
    [[S, 'running'], 'ready'],
    [[F, 'running'], 'wait'],
    [[F, F], 'upstream_failed'],
    [[K, K], 'skipped'],
  ],
  one_failed: [
    [[F, 'running'], 'ready'],
    [[S, 'running'], 'wait'],
    [[S, K], 'skipped'],
    [[U, null], 'ready'],
  ],
  one_done: [
    [[F, 'running'], 'ready'],
    [[K, 'running'], 'wait'],
    [[K, U], 'skipped'],
  ],
  none_failed: [
    [[S, K], 'ready'],
    [[K, K], 'ready'],
    [[F, null], 'upstream_failed'],
    [[S, null], 'wait'],
  ],
  none_failed_min_one_success: [
    [[S, K], 'ready'],
    [[K, K], 'skipped'],
    [[S, F], 'upstream_failed'],
    [[S, null], 'wait'],
  ],
  none_skipped: [
    [[S, F], 'ready'],
    [[K, null], 'skipped'],
    [[S, 'running'], 'wait'],
  ],
  always: [[[null, 'running'], 'ready']],
};

describe.each(TRIGGER_RULES)('trigger rule %s', (rule) => {
  it.each(TABLE[rule])('upstreams %j give %s', (upstreams, verdict) => {
    expect(judge(rule, upstreams)).toBe(verdict);
  });

  it('is ready without upstreams', () => {
    expect(judge(rule, [])).toBe('ready');
  });
});
