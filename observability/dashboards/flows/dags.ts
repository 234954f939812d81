import { PAGES } from '../../../shared/grafana.ts';
import { METRICS } from '../../../shared/metrics.ts';
import { RECORDS } from '../../../shared/records.ts';
import type { Thresholds } from '../../thresholds.ts';
import { COUNT, type PanelIds, seriesPanel, shareColumn, tablePanel } from '../builders.ts';
import { OUTCOMES } from '../colours.ts';
import { LONG } from '../durations.ts';
import { BY_DAG, gained, over, rateOver, rows, shareOfRange, topFive } from '../queries.ts';
import { JUDGED, BROKEN, RUNS_OF_DAGS, FAILED, ENDED } from './series.ts';

/** Which DAG is slow, fails or is busy? */

const NO_RUN_ENDED = 'No run was recorded in this time range or in the hour before.';

/** The columns of the table in their order, by their names in the results of the queries. */
const COLUMNS = {
  dag_id: 'DAG',
  'Value #D': 'Runs',
  'Value #C': 'Failed',
  'Value #B': 'Broken promises',
  'Value #A': 'p95, last hour',
  'Value #E': 'Usual p95',
  source: 'Source',
} as const;

const CLOCK = [
  { id: 'unit', value: 'dthms' },
  {
    id: 'mappings',
    value: [
      // No run ended within the last hour.
      { type: 'value', options: { 0: { text: '–' } } },
      // As a clock it would be 00:00:00.
      { type: 'range', options: { from: 1e-6, to: 0.999, result: { text: '< 1 s' } } },
    ],
  },
  { id: 'custom.width', value: 120 },
];

export const perDag = (ids: PanelIds, { failure_share }: Thresholds) => {
  return tablePanel(ids, {
    title: 'DAGs, slowest first',
    description:
      'Runs and shares are of the time range. The p95 of the last hour is estimated from the histogram: of few runs, it is rough. The usual p95 is exact, from the last 32 successful runs. Click a DAG to open its page.',
    nothing: 'No run has ended yet.',
    unit: 'short',
    width: 24,
    height: 9,
    targets: [
      rows(`max by (source, dag_id) (${RECORDS.runP95}{${BY_DAG}} >= 0 or 0 * ${RUNS_OF_DAGS})`),
      rows(shareOfRange(BROKEN, JUDGED, 'by (source, dag_id) ')),
      rows(shareOfRange(FAILED, ENDED, 'by (source, dag_id) ')),
      rows(`sum by (source, dag_id) (${gained(ENDED)})`),
      rows(`max by (source, dag_id) (${METRICS.dagUsual.name}{${BY_DAG}})`),
    ],
  })
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true },
        indexByName: Object.fromEntries(Object.keys(COLUMNS).map((name, at) => [name, at])),
        renameByName: COLUMNS,
      },
    })
    .withTransformation({ id: 'sortBy', options: { sort: [{ field: COLUMNS['Value #A'], desc: true }] } })
    .overrideByName(COLUMNS['Value #A'], CLOCK)
    .overrideByName(COLUMNS['Value #E'], CLOCK)
    .overrideByName(COLUMNS['Value #B'], [...shareColumn(1), { id: 'custom.width', value: 150 }])
    .overrideByName(COLUMNS['Value #C'], shareColumn(failure_share))
    .overrideByName(COLUMNS['Value #D'], [
      { id: 'decimals', value: 0 },
      { id: 'custom.width', value: 90 },
    ])
    .overrideByName(COLUMNS.dag_id, [
      {
        id: 'links',
        value: [
          {
            title: 'Page of this DAG',
            url: `${PAGES.flows}?source=\${__data.fields.source:percentencode}&dag_id=\${__data.fields.dag_id:percentencode}&from=\${__from}&to=\${__to}`,
          },
        ],
      },
    ]);
};

export const failures = (ids: PanelIds, { failure_share }: Thresholds) =>
  seriesPanel(ids, {
    key: 'flowFailures',
    title: 'Share of failed runs, last hour',
    description:
      'The five DAGs with the highest share of failed runs at each point in time. The line is the alert threshold.',
    nothing: NO_RUN_ENDED,
    unit: 'percentunit',
    width: 12,
    height: 11,
    targets: [over(topFive(`${RECORDS.failedShare}{${BY_DAG}}`), '{{source}} {{dag_id}}')],
    line: failure_share,
  });

export const slowestDags = (ids: PanelIds) =>
  seriesPanel(ids, {
    title: 'p95 of the slowest DAGs',
    description:
      'Run duration of the five slowest DAGs at each point in time, over one hour. Estimated from the histogram: of few runs, it is rough.',
    ...LONG,
    nothing: NO_RUN_ENDED,
    width: 12,
    height: 11,
    targets: [over(`${topFive(`${RECORDS.runP95}{${BY_DAG}}`)} / 60`, '{{source}} {{dag_id}}')],
  });

export const outcomes = (ids: PanelIds, thresholds: Thresholds) =>
  seriesPanel(ids, {
    title: 'Finished runs per minute',
    description: 'All runs that ended, and the failed runs among them.',
    nothing: 'No runs seen in this time range.',
    unit: 'short',
    // Otherwise, Grafana's axis for nothing but zeros ends at 100.
    atLeast: 1,
    width: 12,
    height: 11,
    series: OUTCOMES,
    targets: [
      rateOver(`60 * sum(rate(${ENDED}[$__rate_interval]))`, 'ended', thresholds),
      rateOver(`60 * sum(rate(${FAILED}[$__rate_interval]))`, 'failed', thresholds),
    ],
  });

export const active = (ids: PanelIds) =>
  seriesPanel(ids, {
    title: 'Active runs, busiest DAGs',
    description: 'Queued and running runs of the five DAGs with the most active runs at each point in time.',
    nothing: 'No run was active in this time range.',
    ...COUNT,
    width: 12,
    height: 11,
    targets: [over(topFive(`${RECORDS.runsActive}{${BY_DAG}}`), '{{source}} {{dag_id}}')],
  });
