import {
  FieldType,
  getDisplayProcessor,
  getFieldDisplayName,
  getFieldDisplayValues,
  getLinksSupplier,
  LoadingState,
  standardTransformers,
  standardTransformersRegistry,
  transformDataFrame,
  type DataFrame,
  type Field,
  type FieldConfig,
  type FieldDisplay,
  type InterpolateFunction,
  type PanelData,
  type TransformerRegistryItem,
} from '@grafana/data';
import { config, getTemplateSrv } from '@grafana/runtime';
import { merge, set, uniqBy } from 'lodash';
import { useEffect, useState } from 'react';
import { lastValueFrom } from 'rxjs';
import { runQueries } from '../query.ts';
import { rangeOfUrl } from '../rangeOfUrl.ts';
import type { PanelJson } from './model.ts';

/** The data of a panel with its transformations and field configuration. It is queried again when `key` changes. */
export function usePanelData(panel: PanelJson, key: string): PanelData {
  const [data, setData] = useState<PanelData>({ state: LoadingState.Loading, series: [], timeRange: rangeOfUrl() });
  useEffect(() => {
    let current = true;
    const timeRange = rangeOfUrl();
    askFor(panel).then(
      (answer) => current && setData(answer),
      (error: Error) => {
        reportError(error);
        if (current) setData({ state: LoadingState.Error, series: [], errors: [error], timeRange });
      },
    );
    return () => {
      current = false;
    };
  }, [panel, key]);
  return data;
}

async function askFor(panel: PanelJson): Promise<PanelData> {
  const uid = getTemplateSrv().replace(panel.datasource?.uid ?? '');
  const targets = (panel.targets ?? []).map((target) => ({
    ...target,
    // As in Grafana's Prometheus data source, the values of a variable become a regular expression.
    ...(target.expr ? { expr: getTemplateSrv().replace(target.expr, {}, 'regex') } : {}),
    ...(panel.type === 'table' && target.expr ? { format: 'table' } : {}),
  }));
  const answer = await runQueries(targets, rangeOfUrl(), { sourceUid: uid });
  const series = await transformed(answer.series, panel);
  const shown = series.map((frame) => configured(frame, series, panel));
  return { ...answer, series: panel.type === 'timeseries' ? shown.map(withoutNaN).filter(hasPoints) : shown };
}

async function transformed(series: DataFrame[], { transformations = [] }: PanelJson): Promise<DataFrame[]> {
  return transformations.length === 0 ? series : lastValueFrom(transformDataFrame(transformations, series));
}

/** As in Grafana's time series panel, values that are not finite numbers become gaps. */
function withoutNaN(frame: DataFrame): DataFrame {
  const finite = (value: unknown) => (Number.isFinite(value) ? value : null);
  const fields = frame.fields.map((field) =>
    field.type === FieldType.number ? { ...field, values: field.values.map(finite) } : field,
  );
  return { ...frame, fields };
}

/** Whether there is a point in the range. Without one, there is no scale for thresholds. */
function hasPoints({ fields }: DataFrame): boolean {
  return fields.some(({ type, values }) => type === 'number' && values.some((value) => Number.isFinite(value)));
}

/**
 * Applies defaults and overrides, which Grafana does with a registry of its panel editor. The configuration from the data source takes
 * precedence over defaults, but not over overrides.
 */
function configured(frame: DataFrame, all: DataFrame[], { fieldConfig }: PanelJson): DataFrame {
  const fields = frame.fields.map((field) => {
    const name = getFieldDisplayName(field, frame, all);
    const own = merge({}, fieldConfig?.defaults, field.config) as FieldConfig;
    for (const { matcher, properties } of fieldConfig?.overrides ?? []) {
      if (!matches(matcher, name)) continue;
      for (const { id, value } of properties) set(own, id, value);
    }
    const shown: Field = { ...field, config: own };
    shown.display = getDisplayProcessor({ field: shown, theme: config.theme2 });
    shown.state = { ...field.state, displayName: name, seriesIndex: all.indexOf(frame) };
    return shown;
  });
  const whole = { ...frame, fields };
  const replace: InterpolateFunction = (text, scopedVars, format) => getTemplateSrv().replace(text, scopedVars, format);
  for (const field of fields) field.getLinks = getLinksSupplier(whole, field, {}, replace);
  return whole;
}

/** The matchers that our dashboards use. */
function matches({ id, options }: { id: string; options?: string }, name: string): boolean {
  if (id === 'byRegexp') return new RegExp(options!).test(name);
  return id === 'byName' && options === name;
}

/** The last value of each series, as a stat panel shows it; "No data" if there is none. */
export function lastValues({ series }: PanelData, { fieldConfig }: PanelJson): FieldDisplay[] {
  return getFieldDisplayValues({
    data: series,
    fieldConfig: fieldConfig ?? { defaults: {}, overrides: [] },
    reduceOptions: { calcs: ['lastNotNull'], values: false },
    replaceVariables: (text) => text,
    theme: config.theme2,
  });
}

export function fillTransformers(): void {
  standardTransformersRegistry.setInit(() =>
    // Some transformations have two names.
    uniqBy(Object.values(standardTransformers), 'id').map(
      (transformer) =>
        ({
          id: transformer.id,
          name: transformer.name,
          transformation: () => transformer,
        }) as unknown as TransformerRegistryItem<object>,
    ),
  );
}
