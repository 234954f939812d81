import { isFinishedRun } from '../../../shared/states.ts';
import { lineText } from '../../components/lineText.ts';
import { formatSeconds } from '../../data/duration.ts';

export interface Verdict {
  text: string;
  tone: 'good' | 'bad' | 'open';
}

/** Whether a run keeps its promise; null if there is none, and for a failed run, whose state says enough. */
export function verdictOf(state: string, durationSeconds: number | null, limit: number | null): Verdict | null {
  if (limit === null || state === 'failed') return null;
  const line = lineText(limit);
  if (durationSeconds === null) return { text: `not started; promised: ${line}`, tone: 'open' };
  const left = limit - durationSeconds;
  if (left < 0) return { text: `${formatSeconds(-left)} over the promised ${line}`, tone: 'bad' };
  if (isFinishedRun(state)) return { text: `within the promised ${line}`, tone: 'good' };
  return { text: `${formatSeconds(left)} left of the promised ${line}`, tone: 'open' };
}
