import { describe, expect, it } from 'vitest';
import { allDashboards } from '../../observability/dashboards/all.ts';
import { inspect } from '../../observability/promql/inspect.ts';
import { withoutVariables } from '../../observability/promql/variables.ts';
import { DEFAULT_THRESHOLDS } from '../../observability/thresholds.ts';
import { METRICS, type MetricDefinition } from '../../shared/metrics.ts';
import { COLUMNS, compacted, holes, tilesOf, type Tile } from './grid.ts';

const DASHBOARDS = allDashboards(DEFAULT_THRESHOLDS).map((dashboard) => ({ title: dashboard.title!, dashboard }));
/** These take milliseconds. An axis that always reached a minute would show them as a line at the bottom. */
const MILLISECONDS = ['Transition time by stage', 'Duration of each collector'];
const tile = (x: number, y: number, w: number, h: number): Tile => ({ title: 't', type: 'stat', x, y, w, h });

describe('the panel grid of Grafana, as simulated here', () => {
  it('moves panels up, past rows that are lower', () => {
    const grid = compacted([tile(0, 0, 12, 6), tile(12, 0, 12, 8), tile(0, 8, 24, 4)]);
    expect(grid.map(({ y }) => y)).toEqual([0, 0, 8]);
    expect(compacted([tile(0, 0, 12, 6), tile(12, 0, 12, 8), tile(0, 8, 12, 4)])[2]!.y).toBe(6);
  });

  it('finds a gap beside a panel that is lower than its neighbour', () => {
    expect(holes([tile(0, 0, 12, 1), tile(12, 0, 12, 2)])).toHaveLength(12);
    expect(holes([tile(0, 0, 12, 2), tile(12, 0, 12, 2)])).toEqual([]);
  });
});

describe.each(DASHBOARDS)('$title', ({ dashboard }) => {
  const tiles = tilesOf(dashboard);
  const panels = (dashboard.panels ?? []) as unknown as LoosePanel[];

  it('leaves no gap in the grid, and Grafana moves nothing', () => {
    expect(compacted(tiles)).toEqual(tiles);
    expect(holes(tiles)).toEqual([]);
    expect(Math.max(...tiles.map(({ x, w }) => x + w))).toBe(COLUMNS);
  });

  it.each([1400, 1920, 400])('truncates no title in a window of %d px', (width) => {
    for (const { title, w, type } of tiles.filter((panel) => panel.type !== 'row')) {
      expect(title.length * LETTER, `${type} "${title}"`).toBeLessThan(titleSpace(width, w));
    }
  });

  it('shows what matters on the first screen of a phone', () => {
    // Below 769 px, Grafana stacks all panels in the order of the grid.
    const first = tiles.filter(({ type }) => type !== 'row')[0]!;
    expect(first.h).toBeLessThanOrEqual(10);
    expect(['stat', 'runbeat-lookup-panel']).toContain(first.type);
  });

  it('has ticks at round numbers: no unit that writes 175 as 2.92', () => {
    for (const { title, fieldConfig } of panels.filter(({ type }) => type === 'timeseries')) {
      const { unit, max = Infinity } = fieldConfig.defaults;
      // Up to a minute Grafana's seconds are round: 500 ms, 20 s.
      const isShort = max <= 60 || MILLISECONDS.includes(title);
      const rounds = ['suffix:s', 'suffix:min', 'short', 'percentunit', ...(isShort ? ['s'] : [])];
      expect(rounds, title).toContain(unit);
    }
  });

  it('writes durations in a unit that suits them: 20 s below a threshold of one minute, and 2 s are not 0.0 min', () => {
    for (const { title, fieldConfig } of panels.filter(({ type }) => type === 'timeseries')) {
      const { unit, thresholds, custom, mappings } = fieldConfig.defaults;
      if (unit !== 'suffix:min') continue;
      if (custom?.thresholdsStyle) expect(thresholds!.steps.at(-1)!.value, title).toBeGreaterThanOrEqual(3);
      // test/src/charts/dashboardDurations.test.ts has the texts.
      else expect(mappings, title).toHaveLength(21);
    }
  });

  it('says why a panel is empty', () => {
    for (const { title, type, fieldConfig } of panels.filter(({ type }) => ['timeseries', 'table'].includes(type))) {
      expect(fieldConfig.defaults.noValue, title).toMatch(/^No .{10,}\.$/);
      // Grafana writes these words into empty cells, too.
      const cells = { matcher: { id: 'byRegexp', options: '.*' }, properties: [{ id: 'noValue', value: '–' }] };
      if (type === 'table') expect(fieldConfig.overrides, title).toContainEqual(cells);
    }
  });

  it('leaves out what could not be computed: NaN would be a line in the legend, without a value', () => {
    for (const { title, targets } of panels.filter(({ type }) => type === 'timeseries')) {
      for (const { expr } of targets) {
        if (/histogram_quantile|:p95_|share\{/.test(expr)) expect(expr, title).toContain('>= 0');
      }
    }
  });

  it('does not round two ticks to the same number', () => {
    // Grafana draws a tick per 30 to 60 px: at most ten in the height of these panels.
    for (const { title, fieldConfig } of panels.filter(({ type }) => type === 'timeseries')) {
      const { decimals, custom } = fieldConfig.defaults;
      // Without decimals, Grafana writes ticks as they are. With none, it leaves out those that are not whole numbers.
      if (decimals === undefined || decimals === 0) continue;
      expect((custom?.axisSoftMax ?? 0) / 10, title).toBeGreaterThanOrEqual(10 ** -decimals);
    }
  });

  it('counts in whole numbers: half a task is never a tick', () => {
    const isCount = ({ targets }: LoosePanel) => targets.some(({ expr }) => /active/.test(expr));
    for (const { title, fieldConfig } of panels.filter((panel) => panel.type === 'timeseries' && isCount(panel))) {
      if (!/^Age/.test(title)) expect(fieldConfig.defaults, title).toMatchObject({ unit: 'short', decimals: 0 });
    }
  });

  it('shows no past value, and no colour, if nothing is known now', () => {
    for (const { title, targets, fieldConfig } of panels.filter(({ type }) => type === 'stat')) {
      // The last sample would be shown for the whole range.
      for (const target of targets) expect(target, title).toMatchObject({ instant: true, range: false });
      // Without a mapping Grafana gives "No data" the colour of the lowest threshold.
      const result = { text: expect.stringMatching(/^No|^not /) as string, color: 'text' };
      expect(fieldConfig.defaults.mappings, title).toContainEqual({
        type: 'special',
        options: { match: 'null+nan', result },
      });
    }
  });

  it('chooses the colours of series that it names: Grafana may give two names the same one', () => {
    for (const { title, targets, fieldConfig } of panels.filter(({ type }) => type === 'timeseries')) {
      expect(fieldConfig.defaults.color.mode, title).toBe('palette-classic');
      const named = targets.flatMap(({ legendFormat = '', exemplar }) =>
        exemplar || legendFormat.includes('{{') ? [] : [legendFormat],
      );
      const coloured = fieldConfig.overrides.map(({ matcher }) => matcher.options);
      if (named.length > 1) expect(coloured, title).toEqual(expect.arrayContaining(named));
    }
  });

  it('has room for its legends: three rows of a table, or a list', () => {
    for (const { title, options, targets, gridPos } of panels.filter(({ type }) => type === 'timeseries')) {
      // Grafana gives a list a third of the panel's height. Names of five DAGs may need a line each.
      if (targets.some(({ legendFormat }) => legendFormat?.includes('dag_id'))) expect(gridPos.h, title).toBe(11);
      const lines = targets.filter(({ exemplar }) => !exemplar);
      if (options.legend.displayMode === 'table') expect(lines.length, title).toBeLessThanOrEqual(3);
      for (const { expr } of targets) expect(expr, title).not.toMatch(/(?:top|bottom)k\((?!5,)/);
    }
  });

  it('reads series per DAG from records, because raw series of a month of 200 DAGs take seconds', () => {
    const perDag = Object.values<MetricDefinition>(METRICS)
      .filter(({ labels }) => labels.includes('dag_id'))
      .map(({ name }) => name);
    for (const { title, targets = [] } of panels) {
      for (const { expr = '', exemplar = false, instant = false } of targets) {
        // Queries for exemplars read no samples (exemplars.test.ts), and one for the present reads one of each DAG.
        if (exemplar || (instant && !/offset|\[/.test(expr))) continue;
        const asked = inspect(withoutVariables(expr).expression).selectors.map(({ metric }) => metric);
        expect(
          asked.filter((metric) => perDag.includes(metric.replace(/_(bucket|sum|count)$/, ''))),
          title,
        ).toEqual([]);
      }
    }
  });

  it('keeps the line of a threshold visible', () => {
    const lined = panels.filter(({ fieldConfig }) => fieldConfig?.defaults.custom?.thresholdsStyle);
    for (const { title, fieldConfig } of lined) {
      const line = fieldConfig.defaults.thresholds!.steps.at(-1)!.value!;
      expect(fieldConfig.defaults.custom!.axisSoftMax, title).toBeGreaterThan(line);
      const { max = Infinity } = fieldConfig.defaults;
      expect(max, title).toBeGreaterThan(line);
    }
  });

  it('queries data sources that the person chooses, so that it works wherever it was imported', () => {
    const text = JSON.stringify(dashboard.panels);
    expect(
      [...text.matchAll(/"uid":"([^"]+)"/g)].map(([, uid]) => uid).filter((uid) => !/^\$\{\w+\}$/.test(uid!)),
    ).toEqual([]);
    const kinds = (dashboard.templating?.list ?? [])
      .filter(({ type }) => type === 'datasource')
      .map(({ name }) => name);
    expect(kinds).toEqual(['prometheus', 'runs']);
  });
});

it('the axis of a dead scheduler’s heartbeat age ends at twice the threshold', () => {
  const scheduler = DASHBOARDS.find(({ title }) => title === 'Runbeat / Scheduler')!.dashboard;
  const age = ((scheduler.panels ?? []) as unknown as LoosePanel[]).find(
    ({ title }) => title === 'Age of the last heartbeat',
  )!;
  expect(age.fieldConfig.defaults.max).toBe(2 * DEFAULT_THRESHOLDS.heartbeat_threshold);
});

it('the axis of an age has minutes if its limit is several', () => {
  const scheduler = allDashboards({ ...DEFAULT_THRESHOLDS, ready_task_age: 600 })[0]!;
  const age = ((scheduler.panels ?? []) as unknown as LoosePanel[]).find(
    ({ title }) => title === 'Unscheduled ready work',
  )!;
  expect(age.fieldConfig.defaults).toMatchObject({ unit: 'suffix:min', max: 20, custom: { axisSoftMax: 12 } });
  expect(age.targets[0]!.expr).toMatch(/ \/ 60$/);
});

/** Mean width of a letter in the titles of Grafana's panels, which are in 14 px Inter of medium weight. */
const LETTER = 8;

/** Width for the title in a panel's header, besides padding, description, state of the alert and menu. */
function titleSpace(windowWidth: number, columns: number): number {
  const share = windowWidth < 769 ? 1 : columns / COLUMNS;
  return (windowWidth - 32) * share - 110;
}

interface Target {
  expr: string;
  legendFormat?: string;
  exemplar?: boolean;
  instant?: boolean;
}

interface LoosePanel {
  type: string;
  gridPos: { h: number };
  title: string;
  options: { legend: { displayMode: string } };
  targets: Target[];
  fieldConfig: {
    overrides: { matcher: { id: string; options: string }; properties: { id: string; value: unknown }[] }[];
    defaults: {
      color: { mode: string };
      noValue?: string;
      unit?: string;
      max?: number;
      decimals?: number;
      mappings?: object[];
      thresholds?: { steps: { value: number | null }[] };
      custom?: { thresholdsStyle?: object; axisSoftMax?: number };
    };
  };
}
