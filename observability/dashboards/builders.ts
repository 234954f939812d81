import type * as cog from '@grafana/grafana-foundation-sdk/cog';
import {
  BigValueGraphMode,
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
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  FieldColorBuilder,
  FieldColorModeId,
  MappingType,
  RowBuilder,
  SpecialValueMatch,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import { PANELS, type PanelKey } from '../panels.ts';
import { COLOURS, type SeriesColours } from './colours.ts';
import { PROMETHEUS } from './queries.ts';

type Target = cog.Builder<cog.Dataquery>;

/**
 * The unit of a number of things. Together with no decimals it keeps the axis from ticks such as 0.5, which no number of tasks has.
 */
export const COUNT = { unit: 'short', decimals: 0 } as const;

interface Content {
  title: string;
  /** What the panel shows and what a bad value means. */
  description: string;
  unit: string;
  /** Of 24 columns. */
  width: number;
  height?: number;
  decimals?: number;
  targets: Target[];
  /**
   * What the panel says where there is nothing to show: the usual reason. A stat panel writes it as large as it fits, so there it is
   * a few words; without them, it says "No data", which means that the exporter or Prometheus is away.
   */
  nothing?: string;
  /** Fixed for panels that alerts link to. */
  key?: PanelKey;
}

/** A text for values within bounds. */
export interface RangeText {
  from: number;
  to: number;
  text: string;
}

export interface SeriesContent extends Content {
  nothing: string;
  /** Texts for values that read badly in the panel's unit. */
  texts?: readonly RangeText[];
  /** A threshold line: the area above it is red. */
  line?: number;
  /** The least that the axis shows, so that small values do not fill it. */
  atLeast?: number;
  /**
   * The maximum of the axis. Without it, a scheduler that has been dead for an hour would flatten all other series. The
   * legend shows the value of a series beyond the maximum.
   */
  end?: number;
  /** A table shows the maximum beside the last value, but has room for three series only, so the default is a list. */
  legend?: 'table';
  stacked?: boolean;
  /** Series with a fixed colour; the others get the colours of Grafana's palette in turn, so that no two are the same. */
  series?: SeriesColours;
}

/** What a panel says that shows values at all times, unless the exporter is away. */
export const NO_SAMPLES = 'No data from the exporter in this time range.';

/**
 * One value of each query. The queries are instant (`now`): the last sample of a range would still be shown an hour after the
 * exporter had died.
 */
export interface StatContent extends Content {
  /** Colours in ascending order of the value at which each starts; the first is the base. */
  colours: [number | null, string][];
  /** Words for values; without a colour of their own, they have that of the value. */
  texts?: Record<string, { text: string; color?: string }>;
}

/** Panels with fixed ids use ids below 100; the others are numbered from 100 within their dashboard. */
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
    .noValue(content.nothing)
    // By their names, two of five series would often get the same colour.
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassic))
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(content.legend === 'table' ? LegendDisplayMode.Table : LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs(content.legend === 'table' ? ['lastNotNull', 'max'] : ['lastNotNull']),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  if (content.stacked) panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
  for (const [name, colour] of Object.entries(content.series ?? {})) {
    panel.overrideByName(name, [{ id: 'color', value: { mode: 'fixed', fixedColor: COLOURS[colour] } }]);
  }
  if (content.texts) {
    panel.mappings(
      content.texts.map(({ text, ...range }) => ({
        type: MappingType.RangeToText,
        options: { ...range, result: { text } },
      })),
    );
  }
  if (content.end !== undefined) panel.max(content.end);
  if (content.atLeast !== undefined) panel.axisSoftMax(content.atLeast);
  if (content.decimals !== undefined) panel.decimals(content.decimals);
  if (content.line === undefined) return panel;
  return panel
    .axisSoftMax(content.line * 1.2)
    .thresholds(steps([null, 'transparent'], [content.line, 'red']))
    .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.LineAndArea));
}

export function statPanel(ids: PanelIds, content: StatContent): stat.PanelBuilder {
  const panel = lettered(new stat.PanelBuilder(), ids, content)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false))
    .graphMode(BigValueGraphMode.None)
    // A source beside the other in a low panel, below it in a high one. In between, Grafana would mix both.
    .orientation((content.height ?? 8) > 4 ? VizOrientation.Horizontal : VizOrientation.Vertical)
    .thresholds(steps(...content.colours));
  if (content.decimals !== undefined) panel.decimals(content.decimals);
  return panel.mappings([
    ...(content.texts ? [{ type: MappingType.ValueToText as const, options: content.texts }] : []),
    { type: MappingType.SpecialValue, options: nothingKnown(content.nothing ?? 'No data') },
  ]);
}

/** Grafana draws what is missing in the colour of the lowest value, which is a calm green on most panels. */
function nothingKnown(text: string) {
  return { match: SpecialValueMatch.NullAndNan, result: { text, color: 'text' } };
}

/** A share that is whole reads 100%, not 100.00%. */
export const WHOLE_SHARES = { 0: { text: '0%' }, 1: { text: '100%' } };

export function tablePanel(ids: PanelIds, content: Content & { nothing: string }): table.PanelBuilder {
  // Grafana would also write the words for an empty table into each empty cell.
  return lettered(new table.PanelBuilder(), ids, content)
    .noValue(content.nothing)
    .overrideByRegexp('.*', [{ id: 'noValue', value: '–' }]);
}

/** A share whose cell is coloured from `bad` upwards. */
export function shareColumn(bad: number): { id: string; value: unknown }[] {
  const colours = [
    { value: null, color: 'transparent' },
    { value: bad, color: 'red' },
  ];
  return [
    { id: 'unit', value: 'percentunit' },
    { id: 'decimals', value: 1 },
    { id: 'mappings', value: [{ type: 'value', options: WHOLE_SHARES }] },
    { id: 'custom.cellOptions', value: { type: 'color-background', mode: 'basic' } },
    { id: 'thresholds', value: { mode: 'absolute', steps: colours } },
    { id: 'custom.width', value: 130 },
  ];
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

/** Sets the options that all panels share and names the queries A, B, C … */
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

/** Columns whose content is known have fixed widths, in pixels, so that the names beside them get the rest. */
export function fixedWidths(panel: table.PanelBuilder, widths: Readonly<Record<string, number>>): table.PanelBuilder {
  for (const [name, value] of Object.entries(widths)) panel.overrideByName(name, [{ id: 'custom.width', value }]);
  // Without milliseconds, which Grafana adds where a time has some.
  return panel.overrideByName('Time', [{ id: 'unit', value: 'time:YYYY-MM-DD HH:mm:ss' }]);
}

/** Orders and hides columns by their displayed names, so that the table fits the panel's width. */
export function columns(first: readonly string[], leftOut: readonly string[]): { id: string; options: object } {
  return {
    id: 'organize',
    options: {
      indexByName: Object.fromEntries(first.map((name, at) => [name, at])),
      excludeByName: Object.fromEntries(leftOut.map((name) => [name, true])),
    },
  };
}
