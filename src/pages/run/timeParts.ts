import type { CriticalPath } from '../../../shared/api.ts';

export interface TimePart {
  name: string;
  seconds: number;
  /** 0 to 1 of all parts. */
  share: number;
  help: string;
  /** Name for `theme.visualization.getColorByName`; the Gantt's colours of the same thing. */
  color: string;
}

/** Work, waiting for the scheduler and waiting for a slot along the critical path; nothing below zero, which skewed clocks give. */
export function timeParts(path: CriticalPath): TimePart[] {
  const parts = [
    {
      name: 'Work',
      seconds: path.work_seconds,
      help: 'Tasks of the critical path were running',
      color: 'semi-dark-green',
    },
    {
      name: 'Waiting for the scheduler',
      seconds: path.scheduler_seconds,
      help: 'Upstreams were done, and the scheduler had not queued the next task yet',
      color: 'light-orange',
    },
    {
      name: 'Waiting for a slot',
      seconds: path.slot_seconds,
      help: 'Queued, and no worker had started it yet',
      color: 'purple',
    },
  ].map((part) => ({ ...part, seconds: Math.max(0, part.seconds) }));
  const total = parts.reduce((sum, part) => sum + part.seconds, 0);
  return parts.map((part) => ({ ...part, share: total > 0 ? part.seconds / total : 0 }));
}
