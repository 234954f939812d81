import type * as cog from '@grafana/grafana-foundation-sdk/cog';
import {
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { RowBuilder, ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import { PANELS, type PanelKey } from '../panels.ts';
import { PROMETHEUS } from './queries.ts';

type Target = cog.Builder<cog.Dataquery>;

interface Content {
  title: string;
  /** Answers what the panel shows and what a bad value means. */
  description: string;
  unit: string;
  /** Of 24 columns. */
  width: number;
  height?: number;
  targets: Target[];
  /** Panels that alerts point at keep their id. */
  key?: PanelKey;
}

export interface SeriesContent extends Content {
  /** A promised line: values above it are drawn on red ground. */
  line?: number;
  stacked?: boolean;
}

export interface StatContent extends Content {
  /** Colour from each value on, lowest first; the first is the base. */
  colours: [number | null, string][];
  decimals?: number;
  texts?: Record<string, { text: string; color: string }>;
}

/** Identified panels have ids below 100; the others count from there on within their dashboard. */
export class PanelIds {
  private last = 99;

  of(key?: PanelKey): number {
    return key ? PANELS[key].id : ++this.last;
  }
}

export function row(ids: PanelIds, title: string): RowBuilder {
  return new RowBuilder(title).id(ids.of());
}

export function seriesPanel(ids: PanelIds, content: SeriesContent): timeseries.PanelBuilder {
  const panel = lettered(new timeseries.PanelBuilder(), ids, content)
    .fillOpacity(content.stacked ? 30 : 8)
    .lineWidth(2)
    .min(0)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs(['lastNotNull']),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  if (content.stacked) panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
  if (content.line === undefined) return panel;
  return panel
    .axisSoftMax(content.line * 1.2)
    .thresholds(steps([null, 'transparent'], [content.line, 'red']))
    .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.LineAndArea));
}

export function statPanel(ids: PanelIds, content: StatContent): stat.PanelBuilder {
  const panel = lettered(new stat.PanelBuilder(), ids, content)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false))
    .thresholds(steps(...content.colours));
  if (content.decimals !== undefined) panel.decimals(content.decimals);
  if (content.texts) panel.mappings([{ type: 'value' as never, options: content.texts }]);
  return panel;
}

export function tablePanel(ids: PanelIds, content: Content): table.PanelBuilder {
  return lettered(new table.PanelBuilder(), ids, content);
}

interface CommonBuilder {
  id(id: number): this;
  title(title: string): this;
  description(text: string): this;
  datasource(ref: { type: string; uid: string }): this;
  unit(unit: string): this;
  span(columns: number): this;
  height(rows: number): this;
  withTarget(target: Target): this;
}

/** Sets what all panels have, and gives the queries the letters A, B, C … */
function lettered<Builder extends CommonBuilder>(panel: Builder, ids: PanelIds, content: Content): Builder {
  panel
    .id(ids.of(content.key))
    .title(content.title)
    .description(content.description)
    .datasource(PROMETHEUS)
    .unit(content.unit)
    .span(content.width)
    .height(content.height ?? 8);
  content.targets.forEach((target, index) => {
    const refId = String.fromCharCode(65 + index);
    panel.withTarget({ build: () => ({ ...target.build(), refId }) as unknown as cog.Dataquery });
  });
  return panel;
}

function steps(...colours: [number | null, string][]): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps(colours.map(([value, color]) => ({ value, color })));
}
