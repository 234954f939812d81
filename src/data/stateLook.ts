import type { IconName } from '@grafana/data';
import type { TaskInstanceState } from '../../shared/states.ts';

/** How a state is shown everywhere: a word, an icon (never colour alone) and a colour of Grafana's visualisation palette. */
export interface StateLook {
  label: string;
  icon: IconName;
  /** Name for `theme.visualization.getColorByName`. */
  color: string;
}

const NO_STATUS: StateLook = { label: 'no status', icon: 'circle', color: '#8e8e8e' };

const LOOKS: Readonly<Record<string, StateLook>> & Record<NonNullable<TaskInstanceState>, StateLook> = {
  scheduled: { label: 'scheduled', icon: 'clock-nine', color: 'light-orange' },
  queued: { label: 'queued', icon: 'hourglass', color: 'purple' },
  running: { label: 'running', icon: 'play', color: 'blue' },
  success: { label: 'success', icon: 'check-circle', color: 'semi-dark-green' },
  restarting: { label: 'restarting', icon: 'sync', color: 'light-blue' },
  failed: { label: 'failed', icon: 'times-circle', color: 'red' },
  up_for_retry: { label: 'up for retry', icon: 'history', color: 'yellow' },
  up_for_reschedule: { label: 'up for reschedule', icon: 'repeat', color: 'light-blue' },
  upstream_failed: { label: 'upstream failed', icon: 'ban', color: 'orange' },
  skipped: { label: 'skipped', icon: 'forward', color: '#8e8e8e' },
  deferred: { label: 'deferred', icon: 'pause', color: 'light-purple' },
  removed: { label: 'removed', icon: 'trash-alt', color: '#8e8e8e' },
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
