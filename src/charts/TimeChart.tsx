import { FieldColorModeId, ThresholdsMode, type FieldConfigSource, type PanelData } from '@grafana/data';
import { PanelRenderer } from '@grafana/runtime';
import { PanelChrome } from '@grafana/ui';
import { useMemo, useRef, type ReactNode } from 'react';
import { userTimeZone } from '../components/timeZone.ts';
import { withQuantileColours } from './quantileColours.ts';
import { scaled, scaleOf } from './roundUnit.ts';
import { useWidth } from './useWidth.ts';

interface Props {
  title: string;
  description: string;
  /** Values in seconds. */
  data: PanelData | undefined;
  /** A limit in seconds, drawn as a line. */
  line?: number;
  height?: number;
  points?: boolean;
  loading?: boolean;
  actions?: ReactNode;
}

/** Durations over time in Grafana's time series panel, in a unit with round ticks. */
export function TimeChart({ title, description, data, line, height = 260, points, loading, actions }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const scale = useMemo(() => scaleOf(data?.series ?? [], line), [data, line]);
  const shown = useMemo(
    () => data && { ...data, series: withQuantileColours(scaled(data.series, scale)) },
    [data, scale],
  );
  return (
    <div ref={frame} style={{ height }} role="group" aria-label={title}>
      {width > 0 && (
        <PanelChrome title={title} description={description} width={width} height={height} actions={actions}>
          {(innerWidth, innerHeight) =>
            shown ? (
              <PanelRenderer
                pluginId="timeseries"
                title={title}
                data={shown}
                width={innerWidth}
                height={innerHeight}
                timeZone={userTimeZone()}
                options={OPTIONS}
                fieldConfig={fieldConfig(scale.unit, line && line / scale.seconds, points)}
              />
            ) : (
              <>{loading ? 'Loading…' : 'No data'}</>
            )
          }
        </PanelChrome>
      )}
    </div>
  );
}

const OPTIONS = {
  legend: { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] },
  tooltip: { mode: 'multi', sort: 'desc' },
};

function fieldConfig(unit: string, line: number | undefined, points: boolean | undefined): FieldConfigSource {
  const steps = [{ value: -Infinity, color: 'transparent' }, ...(line ? [{ value: line, color: 'red' }] : [])];
  return {
    defaults: {
      unit,
      min: 0,
      color: { mode: FieldColorModeId.PaletteClassicByName },
      thresholds: { mode: ThresholdsMode.Absolute, steps },
      custom: {
        drawStyle: points ? 'points' : 'line',
        pointSize: points ? 7 : 4,
        lineWidth: 2,
        fillOpacity: points ? 0 : 6,
        axisSoftMax: line ? line * 1.1 : undefined,
        thresholdsStyle: { mode: line ? 'dashed' : 'off' },
      },
    },
    overrides: [],
  };
}
