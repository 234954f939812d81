/**
 * Colours of series with a meaning. Each has a contrast of at least 3 on the dark and the light background of a panel. Those
 * of one panel differ from each other for people with red-green colour blindness too (test/observability/colours.test.ts). A
 * state has the same colour as in the app.
 */
export const COLOURS = {
  blue: '#3274d9',
  amber: '#c98300',
  red: '#d22d3d',
  green: '#1b8a5a',
  cyan: '#1898b0',
  grey: '#808890',
} as const;

/** Colours of a panel's series, by their name in the legend. */
export type SeriesColours = Readonly<Record<string, keyof typeof COLOURS>>;

export const QUANTILES: SeriesColours = { p50: 'blue', p95: 'amber', p99: 'red' };
export const STAGES: SeriesColours = { noticed: 'amber', queued: 'blue', started: 'green' };
export const OUTCOMES: SeriesColours = { ended: 'blue', failed: 'red' };
export const RUN_STATES: SeriesColours = { queued: 'amber', running: 'blue' };
export const TASK_STATES: SeriesColours = {
  none: 'grey',
  scheduled: 'cyan',
  queued: 'amber',
  running: 'blue',
  up_for_retry: 'red',
  restarting: 'red',
  up_for_reschedule: 'green',
  deferred: 'green',
  awaiting_input: 'green',
};
