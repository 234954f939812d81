import type { TaskInstanceState, TriggerRule } from '../../shared/states.ts';
import { isFinishedTask } from '../../shared/states.ts';

/** Numbers of a task's direct upstreams by state. */
export interface UpstreamCounts {
  total: number;
  success: number;
  failed: number;
  skipped: number;
  upstreamFailed: number;
  /** Finished in any way. */
  done: number;
}

/** `ready`: may run; `wait`: not decided yet; otherwise the state that the task gets without running. */
export type Readiness = 'ready' | 'wait' | 'skipped' | 'upstream_failed';

export function countUpstreams(states: readonly TaskInstanceState[]): UpstreamCounts {
  const count = (state: TaskInstanceState): number => states.filter((other) => other === state).length;
  return {
    total: states.length,
    success: count('success'),
    failed: count('failed'),
    skipped: count('skipped'),
    upstreamFailed: count('upstream_failed'),
    done: states.filter(isFinishedTask).length,
  };
}

const when = (ready: boolean): Readiness => (ready ? 'ready' : 'wait');
const bad = (up: UpstreamCounts): number => up.failed + up.upstreamFailed;

/** Airflow's trigger rules (airflow.ti_deps.deps.trigger_rule_dep), for tasks without setup, teardown or mapping. */
const RULES: Record<TriggerRule, (up: UpstreamCounts, allDone: boolean) => Readiness> = {
  always: () => 'ready',
  all_done: (_, allDone) => when(allDone),
  all_done_setup_success: (_, allDone) => when(allDone),
  all_done_min_one_success: (up, allDone) => {
    if (!allDone || up.success > 0) return when(allDone);
    return bad(up) > 0 ? 'upstream_failed' : 'skipped';
  },
  all_success: (up) => {
    if (bad(up) > 0) return 'upstream_failed';
    return up.skipped > 0 ? 'skipped' : when(up.success === up.total);
  },
  all_failed: (up) => (up.success + up.skipped > 0 ? 'skipped' : when(bad(up) === up.total)),
  all_skipped: (up) => (up.success + bad(up) > 0 ? 'skipped' : when(up.skipped === up.total)),
  one_success: (up, allDone) => {
    if (up.success > 0 || !allDone) return when(up.success > 0);
    return up.skipped === up.total ? 'skipped' : 'upstream_failed';
  },
  one_failed: (up, allDone) => (bad(up) > 0 || !allDone ? when(bad(up) > 0) : 'skipped'),
  one_done: (up, allDone) => {
    const ran = up.success + up.failed > 0;
    return ran || !allDone ? when(ran) : 'skipped';
  },
  none_failed: (up, allDone) => (bad(up) > 0 ? 'upstream_failed' : when(allDone)),
  none_failed_min_one_success: (up, allDone) => {
    if (bad(up) > 0) return 'upstream_failed';
    return up.skipped === up.total ? 'skipped' : when(allDone);
  },
  none_skipped: (up, allDone) => (up.skipped > 0 ? 'skipped' : when(allDone)),
};

/** Judges a task by its direct upstreams. A task without upstreams is ready. */
export function judge(rule: TriggerRule, upstreams: readonly TaskInstanceState[]): Readiness {
  if (upstreams.length === 0) return 'ready';
  const counts = countUpstreams(upstreams);
  return RULES[rule](counts, counts.done === counts.total);
}
