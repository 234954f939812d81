import type { SourceStatus } from '../../../shared/api.ts';
import { formatSeconds } from '../../data/duration.ts';

/** Seconds for which ready work may wait for a healthy scheduler; as the alert RunbeatSchedulingStalled. */
export const STALLED_SECONDS = 60;
/** Seconds after which what the exporter says is old. */
const LAGGING_SECONDS = 60;

export interface SourceVerdict {
  severity: 'success' | 'warning' | 'error' | 'info';
  title: string;
  advice?: string;
}

/** The one thing that a person has to know about a source; the worst first. */
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
      advice: 'If a scheduler is alive, it does not schedule: look at its log, at database locks and at paused DAGs.',
    };
  }
  if ((source.lag_seconds ?? 0) > LAGGING_SECONDS) {
    return {
      severity: 'warning',
      title: 'is read too slowly',
      advice: 'What stands here is old; see the exporter’s log.',
    };
  }
  if (source.problem) return { severity: 'warning', title: 'is read, with gaps', advice: source.problem };
  if (source.catchup_progress !== null) {
    return { severity: 'info', title: 'is read; its history is still being indexed' };
  }
  const work = waiting > 0 ? `ready work has waited ${formatSeconds(waiting)}` : 'no ready work waits';
  return { severity: 'success', title: `read up to now; ${work}` };
}
