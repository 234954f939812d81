import {
  dateTimeFormat,
  FieldType,
  getValueFormat,
  guessDecimals,
  roundDecimals,
  type DataFrame,
  type FieldConfigSource,
} from '@grafana/data';
import type { PanelRendererProps } from '@grafana/runtime';
import { useTheme2 } from '@grafana/ui';
import { timeTicks, valueTicks } from './ticks.ts';

const DAY = 86_400_000;
const LABEL_WIDTH = 110;
const MARGIN = { left: 72, right: 12, top: 8, bottom: 44 };

interface Series {
  name: string;
  /** A color from the field's own configuration. */
  fixed: string | undefined;
  color: string;
  points: [time: number, value: number][];
}

/**
 * Replaces Grafana's time series panel, which is in no package. It only has lines or points, axes, the threshold and a legend.
 */
export function PreviewTimeSeries({ data, width, height, fieldConfig, timeZone }: PanelRendererProps) {
  const theme = useTheme2();
  const palette = theme.visualization.palette.map((name) => theme.visualization.getColorByName(name));
  const series = (data?.series ?? []).flatMap(seriesOf).map((one, at) => ({
    ...one,
    color: one.fixed ? theme.visualization.getColorByName(one.fixed) : palette[at % palette.length]!,
  }));
  if (!data || series.length === 0) return <p role="status">No data in this time range</p>;
  const { unit = 'short', line, points } = looksOf(fieldConfig);
  const [from, to] = [data.timeRange.from.valueOf(), data.timeRange.to.valueOf()];
  const highest = Math.max(line ?? 0, 0, ...series.flatMap((one) => one.points.map(([, value]) => value)));
  // Without a value above 0, an axis up to 1 of the unit instead of one in nanoseconds.
  const top = 1.1 * (highest || 1);
  const x = (time: number) => MARGIN.left + ((time - from) / (to - from)) * (width - MARGIN.left - MARGIN.right);
  const y = (value: number) => height - MARGIN.bottom - (value / top) * (height - MARGIN.top - MARGIN.bottom);
  const format = getValueFormat(unit);
  const ticks = valueTicks(top);
  // As in Grafana, all ticks have the decimals of a step. Its unit for seconds chooses them itself, with a unit for each value.
  const decimals = unit === 's' ? undefined : guessDecimals(roundDecimals(ticks[1] ?? 1, 6));
  const textOf = (value: number) => {
    const { text, suffix = '' } = format(value, decimals);
    return text + suffix;
  };
  const style = { fill: theme.colors.text.secondary, fontSize: 11 };
  return (
    <svg width={width} height={height} role="img" aria-label={series.map((one) => one.name).join(', ')}>
      {ticks.map((value) => (
        <g key={value}>
          <line
            x1={MARGIN.left}
            x2={width - MARGIN.right}
            y1={y(value)}
            y2={y(value)}
            stroke={theme.colors.border.weak}
          />
          <text x={MARGIN.left - 6} y={y(value) + 4} textAnchor="end" {...style}>
            {textOf(value)}
          </text>
        </g>
      ))}
      {timeTicks(from, to, width / LABEL_WIDTH).map((time) => (
        <text
          key={time}
          x={Math.min(x(time), width - 24)}
          y={height - MARGIN.bottom + 16}
          textAnchor="middle"
          {...style}
        >
          {dateTimeFormat(time, { timeZone, format: to - from > DAY ? 'MM-DD HH:mm' : 'HH:mm' })}
        </text>
      ))}
      {line !== undefined && (
        <line
          x1={MARGIN.left}
          x2={width - MARGIN.right}
          y1={y(line)}
          y2={y(line)}
          stroke={theme.colors.error.border}
          strokeDasharray="6 4"
        />
      )}
      {series.map((one, at) => (
        <g key={one.name}>
          {points ? (
            one.points.map(([time, value]) => <circle key={time} cx={x(time)} cy={y(value)} r={3} fill={one.color} />)
          ) : (
            <polyline
              points={one.points.map(([time, value]) => `${x(time)},${y(value)}`).join(' ')}
              fill="none"
              stroke={one.color}
              strokeWidth={2}
            />
          )}
          <rect x={MARGIN.left + at * 120} y={height - 14} width={10} height={3} fill={one.color} />
          <text x={MARGIN.left + 14 + at * 120} y={height - 9} {...style}>
            {one.name.slice(0, 16)}
          </text>
        </g>
      ))}
    </svg>
  );
}

function seriesOf(frame: DataFrame): Omit<Series, 'color'>[] {
  const time = frame.fields.find((field) => field.type === FieldType.time);
  return frame.fields
    .filter((field) => field.type === FieldType.number)
    .map((field) => ({
      fixed: field.config.color?.fixedColor,
      name: field.config.displayName ?? field.config.displayNameFromDS ?? frame.name ?? field.name,
      points: field.values
        .map((value, at) => [time?.values[at] as number, value as number] as [number, number])
        .filter(([, value]) => Number.isFinite(value)),
    }));
}

function looksOf(fieldConfig: FieldConfigSource | undefined) {
  const defaults = fieldConfig?.defaults;
  const custom = (defaults?.custom ?? {}) as { drawStyle?: string; thresholdsStyle?: { mode?: string } };
  const steps = custom.thresholdsStyle?.mode === 'off' ? [] : (defaults?.thresholds?.steps ?? []);
  return {
    unit: defaults?.unit,
    line: steps.map((step) => step.value).find((value) => Number.isFinite(value)),
    points: custom.drawStyle === 'points',
  };
}
