import type { DataFrame, Field, FieldColorModeId } from '@grafana/data';

/** The colours of the dashboards, so that a quantile has the same colour everywhere (test/observability/colours.test.ts). */
export const QUANTILE_COLOURS: Readonly<Record<string, string>> = { p50: '#3274d9', p95: '#c98300', p99: '#d22d3d' };

/** Gives the series of quantiles their colours; other series keep theirs. */
export function withQuantileColours(frames: readonly DataFrame[]): DataFrame[] {
  return frames.map((frame) => ({ ...frame, fields: frame.fields.map((field) => coloured(field, frame)) }));
}

function coloured(field: Field, frame: DataFrame): Field {
  const fixedColor = QUANTILE_COLOURS[field.config.displayNameFromDS ?? frame.name ?? ''];
  if (!fixedColor || field.type === 'time') return field;
  return { ...field, config: { ...field.config, color: { mode: 'fixed' as FieldColorModeId, fixedColor } } };
}
