import type { TaskInstanceState } from '../../shared/states.ts';

/** How a state is shown everywhere: a word and a colour of Grafana's visualisation palette; its shape is StateIcon's. */
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

/** Look of a task instance's or a run's state; a word that we don't know is shown as it is, in grey. */
export function stateLook(state: string | null): StateLook {
  if (state === null || state === '') return NO_STATUS;
  return LOOKS[state] ?? { ...NO_STATUS, label: state };
}

/** The worst first: what a person looks for at 3 a.m. stands at the top, and names an aggregate of several instances. */
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

/** The state that stands for several: the most urgent one present; no status yields to none but success and skipped. */
export function aggregateState(states: Iterable<string | null>): string | null {
  const present = new Set(states);
  const urgent = STATES_BY_URGENCY.find((state) => present.has(state)) ?? null;
  const settled = urgent === 'success' || urgent === 'skipped' || urgent === 'removed';
  return settled && present.has(null) ? null : urgent;
}
