import type { SourceStatus } from '../../shared/api.ts';
import { timestamp } from '../api/time.ts';
import type { GaugeSample } from '../metrics/gauges.ts';
import type { ReadyWork } from '../flow/waiting/judge.ts';
import type { Dialect } from '../sources/dialect.ts';

/** The present condition of a source, for its status and its gauges. */
export interface SourceCondition {
  /** Null until the kind of the source is known. */
  dialect: Dialect | null;
  isUp: boolean;
  leads: boolean;
  /** Null before the first poll. */
  lagSeconds: number | null;
  /** How much of the history is indexed, 0 to 1; null before the first poll. */
  historyShare: number | null;
  historyDone: boolean;
  /** The work that has waited longest for the scheduler alone; null if there is none. */
  oldestReady: ReadyWork | null;
  oldestReadySeconds: number;
  /** Whether the age of ready work is known. */
  isReadinessKnown: boolean;
}

export function statusOf(source: string, condition: SourceCondition, problem: string | null): SourceStatus {
  const { dialect, historyDone, historyShare, isReadinessKnown, oldestReady } = condition;
  return {
    source,
    kind: dialect?.kind ?? 'unknown',
    version: dialect?.version ?? null,
    up: condition.isUp,
    problem,
    lag_seconds: condition.lagSeconds,
    catchup_progress: historyDone ? null : historyShare,
    oldest_ready_task_age_seconds: isReadinessKnown ? condition.oldestReadySeconds : null,
    oldest_ready: isReadinessKnown && oldestReady ? nameOf(oldestReady) : null,
  };
}

function nameOf({ sinceUs, ...work }: ReadyWork): NonNullable<SourceStatus['oldest_ready']> {
  return { ...work, since: timestamp(sinceUs) };
}

export function sourceGauges({ dialect, isUp, leads, lagSeconds, historyShare }: SourceCondition): GaugeSample[] {
  return [
    { metric: 'sourceUp', labels: {}, value: isUp ? 1 : 0 },
    { metric: 'leading', labels: {}, value: leads ? 1 : 0 },
    ...(dialect
      ? [{ metric: 'sourceInfo' as const, labels: { kind: dialect.kind, version: dialect.version }, value: 1 }]
      : []),
    ...(lagSeconds === null ? [] : [{ metric: 'sourceLag' as const, labels: {}, value: lagSeconds }]),
    ...(historyShare === null ? [] : [{ metric: 'catchupProgress' as const, labels: {}, value: historyShare }]),
  ];
}
