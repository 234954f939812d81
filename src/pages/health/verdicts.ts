import type { SourceStatus } from '../../../shared/api.ts';
import { formatSeconds } from '../../data/duration.ts';

/** Seconds for which ready work may wait for a healthy scheduler; as the alert RunbeatSchedulingStalled. */
export const STALLED_SECONDS = 60;
/** Seconds of lag from which the exporter's data counts as old. */
const LAGGING_SECONDS = 60;

export interface SourceVerdict {
  severity: 'success' | 'warning' | 'error' | 'info';
  title: string;
  advice?: string;
}

/** The most severe finding about a source. */
export function sourceVerdict(source: SourceStatus): SourceVerdict {
  if (!source.up) {
    return {
      severity: 'error',
      title: 'can’t be read',
      advice: source.problem ?? 'Check that the database runs and that the exporter’s role may read it.',
    };
  }
  const waiting = source.oldest_ready_task_age_seconds ?? 0;
  if (waiting > STALLED_SECONDS) {
    return {
      severity: 'error',
      title: `ready work has waited ${formatSeconds(waiting)} for a scheduler`,
      advice: 'If a scheduler is alive, it is not scheduling: check its log, database locks and paused DAGs.',
    };
  }
  if ((source.lag_seconds ?? 0) > LAGGING_SECONDS) {
    return {
      severity: 'warning',
      title: 'the exporter lags behind',
      advice: 'The data on this page is old. See the exporter’s log.',
    };
  }
  if (source.problem) return { severity: 'warning', title: 'can only be read in part', advice: source.problem };
  if (source.catchup_progress !== null) {
    return { severity: 'info', title: 'is up to date; its history is still being indexed' };
  }
  const work = waiting > 0 ? `ready work has waited ${formatSeconds(waiting)}` : 'no ready work is waiting';
  return { severity: 'success', title: `is up to date; ${work}` };
}
