import type { RunDetail, SchedulerStatus } from '../../shared/api.ts';
import { percentile } from '../../shared/percentile.ts';

/** Results of a demo run, in seconds; null if there is nothing to measure. */
export interface DemoSummary {
  runs_by_state: Record<string, number>;
  transitions: number;
  transition_p50_seconds: number | null;
  transition_p95_seconds: number | null;
  transition_p99_seconds: number | null;
  run_duration_p95_seconds: number | null;
  /** Age of the oldest heartbeat of the live schedulers. */
  heartbeat_age_seconds: number | null;
}

export function summarise(details: readonly RunDetail[], schedulers: readonly SchedulerStatus[]): DemoSummary {
  const transitions = details.flatMap((detail) => detail.transitions.map(({ seconds }) => seconds));
  const durations = details.flatMap(({ run }) => run.duration_seconds ?? []);
  const ages = schedulers.filter(({ alive }) => alive).flatMap((status) => status.heartbeat_age_seconds ?? []);
  const states = details.map(({ run }) => run.state);
  return {
    runs_by_state: Object.fromEntries([...new Set(states)].map((s) => [s, states.filter((t) => t === s).length])),
    transitions: transitions.length,
    transition_p50_seconds: percentile(transitions, 0.5),
    transition_p95_seconds: percentile(transitions, 0.95),
    transition_p99_seconds: percentile(transitions, 0.99),
    run_duration_p95_seconds: percentile(durations, 0.95),
    heartbeat_age_seconds: ages.length > 0 ? Math.max(...ages) : null,
  };
}

export function formatSummary(summary: DemoSummary): string {
  const states = Object.entries(summary.runs_by_state).map(([state, count]) => `${count} ${state}`);
  const rows = [
    ['runs', states.join(', ') || 'none'],
    ['transitions', String(summary.transitions)],
    ['transition p50', milliseconds(summary.transition_p50_seconds)],
    ['transition p95', milliseconds(summary.transition_p95_seconds)],
    ['transition p99', milliseconds(summary.transition_p99_seconds)],
    ['run duration p95', seconds(summary.run_duration_p95_seconds)],
    ['heartbeat age', seconds(summary.heartbeat_age_seconds)],
  ] as const;
  return rows.map(([name, value]) => `  ${name.padEnd(18)}${value}`).join('\n');
}

function milliseconds(value: number | null): string {
  return value === null ? '–' : `${(value * 1_000).toFixed(1)} ms`;
}

function seconds(value: number | null): string {
  return value === null ? '–' : `${value.toFixed(2)} s`;
}
