import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { DASHBOARD_UIDS, PAGES } from '../../shared/grafana.ts';
import { burnRecord } from '../records/burn.ts';
import { RECORDS } from '../../shared/records.ts';
import type { Thresholds } from '../thresholds.ts';
import { PanelIds, row, seriesPanel, statPanel, tablePanel } from './builders.ts';
import { dagVariable, frame, sourceVariable } from './frame.ts';
import { BY_DAG, BY_SOURCE, gained, now, over, rateOver, rows, runs, RUNS, shareOfRange } from './queries.ts';

/** The lead: do flows end in time, which DAG is to blame, and where does the time go? */
export function flowsDashboard(thresholds: Thresholds): Dashboard {
  const ids = new PanelIds();
  const percent = thresholds.flow_objective * 100;
  return frame({
    uid: DASHBOARD_UIDS.flows,
    title: 'Runbeat / Flows',
    description: `The lead: do ${percent}% of the runs end in time? Which DAG is to blame? Where does the time go?`,
    from: 'now-6h',
    refresh: '30s',
  })
    .withVariable(sourceVariable())
    .withVariable(dagVariable())
    .withRow(row(ids, `Do ${percent}% of the runs end within ${thresholds.flow_duration} s?`))
    .withPanel(inTime(ids, thresholds))
    .withPanel(finished(ids))
    .withPanel(failedShare(ids))
    .withPanel(runDuration(ids, thresholds))
    .withPanel(burn(ids, thresholds))
    .withRow(row(ids, 'Which DAG?'))
    .withPanel(perDag(ids, thresholds))
    .withPanel(failures(ids, thresholds))
    .withPanel(slowestDags(ids, thresholds))
    .withPanel(outcomes(ids, thresholds))
    .withPanel(active(ids))
    .withRow(row(ids, 'Where does the time go?'))
    .withPanel(slowestTasks(ids))
    .withPanel(transitionsPerDag(ids, thresholds))
    .withPanel(slowestTransitions(ids))
    .build();
}

const slow = `${RECORDS.runsSlow}{${BY_DAG}}`;
const all = `${RECORDS.runs}{${BY_DAG}}`;
const failed = `${RECORDS.runsFailed}{${BY_DAG}}`;
const ended = `${RECORDS.runsFinished}{${BY_DAG}}`;

const inTime = (ids: PanelIds, { flow_duration, flow_objective }: Thresholds) =>
  statPanel(ids, {
    title: `Runs within ${flow_duration} s`,
    description: 'Share of the runs of the time range that kept the promise, counted from the histogram.',
    unit: 'percentunit',
    width: 4,
    height: 6,
    decimals: 2,
    targets: [now(`1 - (${shareOfRange(slow, all)})`)],
    colours: [
      [null, 'red'],
      [flow_objective, 'green'],
    ],
  });

const finished = (ids: PanelIds) =>
  statPanel(ids, {
    title: 'Runs that ended',
    description: 'In the time range, failed ones included.',
    unit: 'short',
    width: 4,
    height: 6,
    decimals: 0,
    targets: [now(`sum(${gained(ended)})`)],
    colours: [[null, 'blue']],
  });

const failedShare = (ids: PanelIds) =>
  statPanel(ids, {
    title: 'Of them failed',
    description: 'Share of the runs of the time range that ended in state failed.',
    unit: 'percentunit',
    width: 4,
    height: 6,
    decimals: 2,
    targets: [now(shareOfRange(failed, ended))],
    colours: [
      [null, 'green'],
      [0.01, 'orange'],
      [0.05, 'red'],
    ],
  });

const runDuration = (ids: PanelIds, { flow_duration }: Thresholds) =>
  seriesPanel(ids, {
    title: 'Run duration',
    description:
      'From the start of a run to its end, all DAGs of the source, over one hour. The line is what is promised.',
    unit: 's',
    width: 12,
    targets: [0.5, 0.95, 0.99].map((quantile) =>
      over(
        `histogram_quantile(${quantile}, sum by (le) (${RECORDS.sourceRunBuckets}{${BY_SOURCE}}))`,
        `p${quantile * 100}`,
      ),
    ),
    line: flow_duration,
  });

const burn = (ids: PanelIds, { flow_burn }: Thresholds) => {
  const fastest = flow_burn[0]!;
  return seriesPanel(ids, {
    key: 'flowBurn',
    title: 'How fast the allowance of slow runs is used up',
    description: '1 = exactly as fast as promised runs allow. The line is where the fastest window alarms.',
    unit: 'short',
    width: 12,
    targets: [fastest.long_seconds, flow_burn.at(-1)!.long_seconds].map((seconds) =>
      over(`max(${burnRecord(seconds)}{${BY_DAG}})`, `${burnRecord(seconds).split(':ratio')[1]} (worst DAG)`),
    ),
    line: fastest.factor,
  });
};

const perDag = (ids: PanelIds, { flow_duration }: Thresholds) =>
  tablePanel(ids, {
    title: 'DAGs, the slowest first',
    description: 'Over the time range; click a DAG for its page.',
    unit: 'short',
    width: 12,
    height: 9,
    targets: [
      rows(`max by (source, dag_id) (${RECORDS.runP95}{${BY_DAG}} or 0 * ${all})`),
      rows(shareOfRange(slow, all, 'by (source, dag_id) ')),
      rows(shareOfRange(failed, ended, 'by (source, dag_id) ')),
      rows(`sum by (source, dag_id) (${gained(ended)})`),
    ],
  })
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true },
        renameByName: {
          'Value #A': 'p95',
          'Value #B': `over ${flow_duration} s`,
          'Value #C': 'failed',
          'Value #D': 'runs',
        },
      },
    })
    .withTransformation({ id: 'sortBy', options: { sort: [{ field: 'p95', desc: true }] } })
    .overrideByName('p95', [{ id: 'unit', value: 's' }])
    .overrideByName(`over ${flow_duration} s`, [{ id: 'unit', value: 'percentunit' }])
    .overrideByName('failed', [{ id: 'unit', value: 'percentunit' }])
    .overrideByName('runs', [{ id: 'decimals', value: 0 }])
    .overrideByName('dag_id', [
      {
        id: 'links',
        value: [
          {
            title: 'Page of this DAG',
            url: `${PAGES.flows}?source=\${__data.fields.source}&dag_id=\${__data.fields.dag_id}&from=\${__from}&to=\${__to}`,
          },
        ],
      },
    ]);

const slowestDags = (ids: PanelIds, { flow_duration }: Thresholds) =>
  seriesPanel(ids, {
    title: 'Run duration p95 of the slowest DAGs',
    description: 'The ten highest at each moment, over one hour.',
    unit: 's',
    width: 12,
    targets: [over(`topk(10, ${RECORDS.runP95}{${BY_DAG}})`, '{{source}} {{dag_id}}')],
    line: flow_duration,
  });

const failures = (ids: PanelIds, { failure_share }: Thresholds) =>
  seriesPanel(ids, {
    key: 'flowFailures',
    title: 'Failed share of the last hour',
    description: 'The ten DAGs with the highest share of failed runs. The line is where the alert looks closer.',
    unit: 'percentunit',
    width: 12,
    height: 9,
    targets: [over(`topk(10, ${RECORDS.failedShare}{${BY_DAG}})`, '{{source}} {{dag_id}}')],
    line: failure_share,
  });

const outcomes = (ids: PanelIds, thresholds: Thresholds) =>
  seriesPanel(ids, {
    title: 'Runs that ended, a minute',
    description: 'All that ended, and of them those that failed.',
    unit: 'short',
    width: 12,
    targets: [
      rateOver(`60 * sum(rate(${ended}[$__rate_interval]))`, 'ended', thresholds),
      rateOver(`60 * sum(rate(${failed}[$__rate_interval]))`, 'failed', thresholds),
    ],
  });

const active = (ids: PanelIds) =>
  seriesPanel(ids, {
    title: 'Active runs of the busiest DAGs',
    description: 'Queued or running, of the ten DAGs that have most of them at each moment.',
    unit: 'short',
    width: 12,
    targets: [over(`topk(10, ${RECORDS.runsActive}{${BY_DAG}})`, '{{source}} {{dag_id}}')],
  });

const slowestTasks = (ids: PanelIds) =>
  seriesPanel(ids, {
    title: 'Slowest tasks (mean of an hour)',
    description: 'The ten slowest of the three slowest of each DAG, start to end of a finished attempt.',
    unit: 's',
    width: 12,
    targets: [over(`topk(10, ${RECORDS.slowestTasks}{${BY_DAG}})`, '{{dag_id}} {{task_id}}')],
  });

const transitionsPerDag = (ids: PanelIds, { transition_p95 }: Thresholds) =>
  seriesPanel(ids, {
    title: 'Transition latency p95 by DAG',
    description: 'The ten highest, over 15 minutes: what the scheduler and the workers add between tasks.',
    unit: 's',
    width: 12,
    targets: [over(`topk(10, ${RECORDS.transitionP95}{${BY_DAG}})`, '{{source}} {{dag_id}}')],
    line: transition_p95,
  });

const slowestTransitions = (ids: PanelIds) =>
  tablePanel(ids, {
    title: 'Slowest transitions',
    description: 'From the exporter, with a link to each run.',
    unit: 's',
    width: 24,
    targets: [runs({ queryType: 'transitions', dag_id: '$dag_id', limit: 20 })],
  }).datasource(RUNS);
