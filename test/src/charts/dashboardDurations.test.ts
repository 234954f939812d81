import { createTheme, FieldType, formattedValueToString, getDisplayProcessor, type FieldConfig } from '@grafana/data';
import { expect, it } from 'vitest';
import { allDashboards } from '../../../observability/dashboards/all.ts';
import { DEFAULT_THRESHOLDS } from '../../../observability/thresholds.ts';

/** How Grafana writes the durations of the dashboards that are in minutes. */

interface LoosePanel {
  type: string;
  title: string;
  fieldConfig: { defaults: FieldConfig };
}

const PANELS = allDashboards({ ...DEFAULT_THRESHOLDS, ready_task_age: 600 })
  .flatMap(({ panels }) => (panels ?? []) as unknown as LoosePanel[])
  .filter(({ type, fieldConfig }) => type === 'timeseries' && fieldConfig.defaults.unit === 'suffix:min');

it.each(PANELS)('$title: seconds are not tenths of a minute, and no tick is rounded', ({ fieldConfig }) => {
  const display = getDisplayProcessor({
    field: { type: FieldType.number, config: fieldConfig.defaults },
    theme: createTheme(),
  });
  const seconds = [2, 9.2, 24, 57.9, 59.4, 116, 740, 7_400];
  expect(seconds.map((value) => formattedValueToString(display(value / 60)))).toEqual([
    '< 3 s',
    '9 s',
    '24 s',
    '57 s',
    '60 s',
    '1.93 min',
    '12.3 min',
    '123 min',
  ]);
  const ticks = [0, 0.05, 0.1, 0.2, 0.25, 0.5, 0.75, 1, 1.25, 2];
  // Grafana tells how many decimals the distance between two ticks has.
  expect(ticks.map((tick) => formattedValueToString(display(tick, 2)))).toEqual([
    '0 min',
    '3 s',
    '6 s',
    '12 s',
    '15 s',
    '30 s',
    '45 s',
    '1 min',
    '1.25 min',
    '2 min',
  ]);
});
