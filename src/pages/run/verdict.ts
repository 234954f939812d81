import { isFinishedRun } from '../../../shared/states.ts';
import { lineText } from '../../components/lineText.ts';
import { formatSeconds } from '../../data/duration.ts';

export interface Verdict {
  text: string;
  tone: 'good' | 'bad' | 'open';
}

/** Whether a run kept the line that flows are promised under. A failed run keeps no promise. */
export function verdictOf(state: string, durationSeconds: number | null, lineSeconds: number): Verdict {
  const line = lineText(lineSeconds);
  if (state === 'failed') return { text: 'failed', tone: 'bad' };
  if (durationSeconds === null) return { text: `not started; the line is ${line}`, tone: 'open' };
  const left = lineSeconds - durationSeconds;
  if (left < 0) return { text: `${formatSeconds(-left)} over the ${line} line`, tone: 'bad' };
  if (isFinishedRun(state)) return { text: `within the ${line} line`, tone: 'good' };
  return { text: `${formatSeconds(left)} left until the ${line} line`, tone: 'open' };
}
