import type { GrafanaTheme2 } from '@grafana/data';
import { stateLook } from '../../data/stateLook.ts';

/** Colours of the chart; all come from the theme. */
export interface Palette {
  state: (state: string | null) => string;
  scheduler: string;
  slot: string;
  retryDelay: string;
  text: string;
  textSecondary: string;
  grid: string;
  background: string;
  critical: string;
  now: string;
  font: string;
}

export function paletteOf(theme: GrafanaTheme2): Palette {
  const named = (name: string) => theme.visualization.getColorByName(name);
  return {
    state: (state) => named(stateLook(state).color),
    scheduler: named('orange'),
    slot: named('purple'),
    retryDelay: theme.colors.text.secondary,
    text: theme.colors.text.primary,
    textSecondary: theme.colors.text.secondary,
    grid: theme.colors.border.weak,
    background: theme.colors.background.primary,
    critical: theme.colors.text.primary,
    now: named('red'),
    font: `11px ${theme.typography.fontFamily}`,
  };
}
