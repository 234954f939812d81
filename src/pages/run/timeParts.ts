import type { CriticalPath } from '../../../shared/api.ts';

export interface TimePart {
  name: string;
  seconds: number;
  /** Share of all parts, 0 to 1. */
  share: number;
  help: string;
  /** Name for `theme.visualization.getColorByName`, the same as in the Gantt chart. */
  color: string;
}

type Field = keyof Omit<CriticalPath, 'steps'>;

/** Parts in the order in which they are shown. The first three are always shown, the others only if a run has them. */
const PARTS: readonly { field: Field; name: string; help: string; color: string; always?: true }[] = [
  {
    field: 'work_seconds',
    name: 'Work',
    help: 'Tasks of the critical path were running',
    color: 'semi-dark-green',
    always: true,
  },
  {
    field: 'scheduler_seconds',
    name: 'Waiting for the scheduler',
    help: 'The upstream tasks had ended, and the scheduler had not noticed yet',
    color: 'light-orange',
    always: true,
  },
  {
    field: 'slot_seconds',
    name: 'Waiting for a slot',
    help: 'A pool or a limit was full, or no worker had started the task yet',
    color: 'purple',
    always: true,
  },
  { field: 'retry_seconds', name: 'Retries', help: 'Earlier tries and the delays after them', color: 'red' },
  {
    field: 'past_seconds',
    name: 'Waiting for the previous run',
    help: 'The task depends on its instance in the previous run',
    color: 'semi-dark-blue',
  },
  {
    field: 'sensor_seconds',
    name: 'Sensor',
    help: 'A sensor waited for its condition',
    color: 'light-blue',
  },
  { field: 'deferred_seconds', name: 'Deferred', help: 'A task waited for its trigger', color: 'light-purple' },
  {
    field: 'unknown_seconds',
    name: 'Waiting, reason not recorded',
    help: 'The source has no timestamps that show the reason',
    color: 'gray',
  },
  {
    field: 'tail_seconds',
    name: 'Closing the run',
    help: 'All tasks had ended, and the scheduler had not closed the run yet',
    color: 'dark-orange',
  },
];

/** The parts of the time on the critical path, without negative ones. */
export function timeParts(path: CriticalPath): TimePart[] {
  const parts = PARTS.map(({ field, ...part }) => ({ ...part, seconds: Math.max(0, path[field]) })).filter(
    (part) => part.always || part.seconds > 0,
  );
  const total = parts.reduce((sum, part) => sum + part.seconds, 0);
  return parts.map(({ name, help, color, seconds }) => ({
    name,
    help,
    color,
    seconds,
    share: total > 0 ? seconds / total : 0,
  }));
}
