import { PAGES } from '../../../shared/grafana.ts';
import { RECORDS } from '../../../shared/records.ts';
import type { Thresholds } from '../../thresholds.ts';
import { COUNT, LONG, type PanelIds, seriesPanel, shareColumn, tablePanel } from '../builders.ts';
import { OUTCOMES } from '../colours.ts';
import { BY_DAG, gained, over, rateOver, rows, shareOfRange } from '../queries.ts';
import { JUDGED, BROKEN, RUNS_OF_DAGS, FAILED, ENDED } from './series.ts';

/** Which DAG is slow, fails or is busy? */

export const perDag = (ids: PanelIds, { failure_share }: Thresholds) => {
  const brokenColumn = 'broken promises';
  return tablePanel(ids, {
    title: 'DAGs, slowest first',
    description: 'Values over the time range. Click a DAG to open its page.',
    unit: 'short',
    width: 24,
    height: 9,
    targets: [
      rows(`max by (source, dag_id) (${RECORDS.runP95}{${BY_DAG}} >= 0 or 0 * ${RUNS_OF_DAGS})`),
      rows(shareOfRange(BROKEN, JUDGED, 'by (source, dag_id) ')),
      rows(shareOfRange(FAILED, ENDED, 'by (source, dag_id) ')),
      rows(`sum by (source, dag_id) (${gained(ENDED)})`),
    ],
  })
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true },
        indexByName: { dag_id: 0, 'Value #D': 1, 'Value #C': 2, 'Value #B': 3, 'Value #A': 4, source: 5 },
        renameByName: { 'Value #A': 'p95', 'Value #B': brokenColumn, 'Value #C': 'failed', 'Value #D': 'runs' },
      },
    })
    .withTransformation({ id: 'sortBy', options: { sort: [{ field: 'p95', desc: true }] } })
    .overrideByName('p95', [
      { id: 'unit', value: 'dthms' },
      // No run ended within the last hour.
      {
        id: 'mappings',
        value: [
          { type: 'value', options: { 0: { text: '–' } } },
          // As a clock it would be 00:00:00.
          { type: 'range', options: { from: 1e-6, to: 0.999, result: { text: '< 1 s' } } },
        ],
      },
      { id: 'custom.width', value: 110 },
    ])
    .overrideByName(brokenColumn, shareColumn(1))
    .overrideByName('failed', shareColumn(failure_share))
    .overrideByName('runs', [
      { id: 'decimals', value: 0 },
      { id: 'custom.width', value: 90 },
    ])
    .overrideByName('dag_id', [
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
    unit: 'percentunit',
    width: 12,
    height: 9,
    targets: [over(`topk(5, ${RECORDS.failedShare}{${BY_DAG}})`, '{{source}} {{dag_id}}')],
    line: failure_share,
  });

export const slowestDags = (ids: PanelIds) =>
  seriesPanel(ids, {
    title: 'p95 of the slowest DAGs',
    description: 'Run duration of the five slowest DAGs at each point in time, over one hour.',
    ...LONG,
    width: 12,
    height: 9,
    targets: [over(`topk(5, ${RECORDS.runP95}{${BY_DAG}}) / 60`, '{{source}} {{dag_id}}')],
  });

export const outcomes = (ids: PanelIds, thresholds: Thresholds) =>
  seriesPanel(ids, {
    title: 'Finished runs per minute',
    description: 'All runs that ended, and the failed runs among them.',
    unit: 'short',
    width: 12,
    height: 9,
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
    ...COUNT,
    width: 12,
    height: 9,
    targets: [over(`topk(5, ${RECORDS.runsActive}{${BY_DAG}})`, '{{source}} {{dag_id}}')],
  });
