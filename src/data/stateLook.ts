import type { TaskInstanceState } from '../../shared/states.ts';

/** How a state is shown everywhere: a word and a colour of Grafana's visualization palette. StateIcon draws its shape. */
export interface StateLook {
  label: string;
  /** Name for `theme.visualization.getColorByName`. */
  color: string;
}

const NO_STATUS: StateLook = { label: 'no status', color: '#8e8e8e' };

const LOOKS: Readonly<Record<string, StateLook>> & Record<NonNullable<TaskInstanceState>, StateLook> = {
  scheduled: { label: 'scheduled', color: 'light-orange' },
  queued: { label: 'queued', color: 'purple' },
  running: { label: 'running', color: 'blue' },
  success: { label: 'success', color: 'semi-dark-green' },
  restarting: { label: 'restarting', color: 'light-blue' },
  failed: { label: 'failed', color: 'red' },
  up_for_retry: { label: 'up for retry', color: 'yellow' },
  up_for_reschedule: { label: 'up for reschedule', color: 'light-blue' },
  upstream_failed: { label: 'upstream failed', color: 'orange' },
  skipped: { label: 'skipped', color: '#8e8e8e' },
  deferred: { label: 'deferred', color: 'light-purple' },
  awaiting_input: { label: 'awaiting input', color: 'dark-orange' },
  removed: { label: 'removed', color: '#8e8e8e' },
};

/** Look of the state of a task instance or run. An unknown state is shown unchanged, in grey. */
export function stateLook(state: string | null): StateLook {
  if (state === null || state === '') return NO_STATUS;
  return LOOKS[state] ?? { ...NO_STATUS, label: state };
}

/** States from the most to the least urgent. The most urgent one represents several instances. */
export const STATES_BY_URGENCY: readonly string[] = [
  'failed',
  'upstream_failed',
  'up_for_retry',
  'restarting',
  'running',
  'awaiting_input',
  'deferred',
  'up_for_reschedule',
  'queued',
  'scheduled',
  'success',
  'skipped',
  'removed',
];

/** The state that represents several: the most urgent one. "No status" only takes precedence over success, skipped and removed. */
export function aggregateState(states: Iterable<string | null>): string | null {
  const present = new Set(states);
  const urgent = STATES_BY_URGENCY.find((state) => present.has(state)) ?? null;
  const settled = urgent === 'success' || urgent === 'skipped' || urgent === 'removed';
  return settled && present.has(null) ? null : urgent;
}
