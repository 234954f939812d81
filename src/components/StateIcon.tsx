import type { CSSProperties, ReactElement } from 'react';
import { useTheme2 } from '@grafana/ui';
import { stateLook } from '../data/stateLook.ts';

const RING = 'M8 1.8a6.2 6.2 0 1 1 0 12.4a6.2 6.2 0 0 1 0 -12.4z';
const AROUND = 'M13.6 8a5.6 5.6 0 1 1 -1.7 -4M13.8 1.6v3h-3';
const BACK = 'M2.4 8a5.6 5.6 0 1 0 1.7 -4M2.2 1.6v3h3';

/** Paths on a grid of 16 by 16. Each state has its own shape, so that states can be distinguished without colours. */
const SHAPES: Readonly<Record<string, string>> = {
  scheduled: `${RING}M8 4.6v3.6l2.4 1.6`,
  queued: 'M4 2h8M4 14h8M5 2v2.6l6 6.8v2.6M11 2v2.6l-6 6.8v2.6',
  running: 'M4.5 2.8v10.4l8.5 -5.2z',
  success: `${RING}M5.2 8.2l2 2l3.7 -4`,
  restarting: AROUND,
  failed: `${RING}M5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4`,
  up_for_retry: `${BACK}M8 5v3.2l2 1.4`,
  up_for_reschedule: BACK,
  upstream_failed: `${RING}M3.7 3.7l8.6 8.6`,
  skipped: 'M2.5 3.5v9l5.5 -4.5zM8 3.5v9l5.5 -4.5z',
  deferred: 'M5.5 3v10M10.5 3v10',
  awaiting_input: 'M5.8 5.4a2.2 2.2 0 1 1 3.4 1.9q-1.2 .8 -1.2 2.2M8 12.2v.8',
  removed: 'M3 4.5h10M6 4.5v-2h4v2M4.5 4.5l.7 9h5.6l.7 -9',
};

const SIZE = { sm: 12, md: 16 } as const;

interface Props {
  state: string | null;
  size?: keyof typeof SIZE;
  style?: CSSProperties;
}

/**
 * The shape of a state in its colour. It is drawn inline instead of with Grafana's Icon, which loads and parses a file for each icon: a
 * page has hundreds of them.
 */
export function StateIcon({ state, size = 'sm', style }: Props): ReactElement {
  const theme = useTheme2();
  return (
    <svg
      width={SIZE[size]}
      height={SIZE[size]}
      viewBox="0 0 16 16"
      fill="none"
      stroke={theme.visualization.getColorByName(stateLook(state).color)}
      strokeWidth={1.7}
      strokeLinecap="round"
      strokeLinejoin="round"
      style={{ flexShrink: 0, ...style }}
      aria-hidden
    >
      <path d={SHAPES[state ?? ''] ?? RING} />
    </svg>
  );
}
