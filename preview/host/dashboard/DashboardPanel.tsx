import { FieldType, LoadingState, type DataFrame, type PanelData } from '@grafana/data';
import { config, getTemplateSrv } from '@grafana/runtime';
import {
  BigValue,
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  PanelChrome,
  TimeSeries,
  useTheme2,
  VizRepeater,
} from '@grafana/ui';
import type { VizLegendOptions, VizOrientation } from '@grafana/schema';
import { PreviewDataErrorView } from '../PreviewDataErrorView.tsx';
import { PreviewPanel } from '../PreviewPanel.tsx';
import { TableRows } from './TableRows.tsx';
import { lastValues, usePanelData } from './panelData.ts';
import type { PanelJson, Place } from './model.ts';

interface Props {
  panel: PanelJson;
  place: Place;
  /** Changes when variables or the time range change. */
  variables: string;
}

/** One panel of a dashboard, rendered with Grafana's components from its packages. */
export function DashboardPanel({ panel, place, variables }: Props) {
  if (panel.type === 'row') return <h2 style={{ fontSize: 16, lineHeight: '30px', margin: 0 }}>{panel.title}</h2>;
  if (panel.type.startsWith('runbeat-')) return <OwnPanel panel={panel} place={place} variables={variables} />;
  return <CorePanel panel={panel} place={place} variables={variables} />;
}

function OwnPanel({ panel, place, variables }: Props) {
  return (
    <PreviewPanel
      pluginId={panel.type}
      title={getTemplateSrv().replace(panel.title)}
      targets={panel.targets ?? []}
      variables={variables}
      height={place.height}
      options={panel.options}
    />
  );
}

function CorePanel({ panel, place, variables }: Props) {
  const data = usePanelData(panel, variables);
  const problem = data.state === LoadingState.Error ? (data.errors?.[0]?.message ?? 'The query failed') : undefined;
  return (
    <div aria-busy={data.state === LoadingState.Loading}>
      <PanelChrome
        title={panel.title}
        description={panel.description}
        width={place.width}
        height={place.height}
        loadingState={data.state}
        statusMessage={problem}
        menu={<></>}
      >
        {(width, height) => {
          if (data.state === LoadingState.Loading) return null;
          if (problem) return <p role="status">{problem}</p>;
          if (panel.type !== 'stat' && data.series.every(({ length }) => length === 0))
            return <PreviewDataErrorView data={data} fieldConfig={panel.fieldConfig} />;
          return <Body panel={panel} data={data} width={width} height={height} />;
        }}
      </PanelChrome>
    </div>
  );
}

interface BodyProps {
  panel: PanelJson;
  data: PanelData;
  width: number;
  height: number;
}

function Body({ panel, data, width, height }: BodyProps) {
  if (panel.type === 'stat') return <Stat panel={panel} data={data} width={width} height={height} />;
  if (panel.type === 'table') return <TableRows frame={data.series[0]!} height={height} />;
  // Lines that are colored by thresholds need a scale, which does not exist if all samples are NaN.
  if (!data.series.some(hasNumber))
    return <PreviewDataErrorView data={{ ...data, series: [] }} fieldConfig={panel.fieldConfig} />;
  return (
    <TimeSeries
      frames={data.series}
      timeRange={data.timeRange}
      timeZone={config.bootData.user.timezone}
      width={width}
      height={height}
      legend={panel.options?.legend as VizLegendOptions}
      options={{}}
    />
  );
}

function hasNumber(frame: DataFrame): boolean {
  return frame.fields.some(({ type, values }) => type === FieldType.number && values.some(Number.isFinite));
}

function Stat({ panel, data, width, height }: BodyProps) {
  const theme = useTheme2();
  return (
    <VizRepeater
      getValues={() => lastValues(data, panel)}
      renderValue={({ value, width, height, count }) => (
        <BigValue
          value={value.display}
          textMode={count > 1 ? BigValueTextMode.ValueAndName : BigValueTextMode.Value}
          colorMode={BigValueColorMode.Value}
          graphMode={BigValueGraphMode.None}
          width={width}
          height={height}
          theme={theme}
        />
      )}
      source={data}
      width={width}
      height={height}
      itemSpacing={3}
      renderCounter={0}
      orientation={panel.options?.orientation as VizOrientation}
    />
  );
}
