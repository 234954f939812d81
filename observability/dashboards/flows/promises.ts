import { METRICS } from '../../../shared/metrics.ts';
import { RECORDS } from '../../../shared/records.ts';
import { burnRecord } from '../../records/burn.ts';
import type { Thresholds } from '../../thresholds.ts';
import { LONG, type PanelIds, SECONDS, seriesPanel, statPanel } from '../builders.ts';
import { QUANTILES } from '../colours.ts';
import { BY_DAG, BY_SOURCE, exemplars, gained, now, over, shareOfRange } from '../queries.ts';
import { BROKEN, ENDED, FAILED, JUDGED } from './series.ts';

/** Are promises kept? */

export const kept = (ids: PanelIds) =>
  statPanel(ids, {
    title: 'Promises kept',
    description: 'Share of the verdicts in the time range that were “kept”, over all promises for these DAGs.',
    unit: 'percentunit',
    width: 6,
    height: 4,
    decimals: 2,
    targets: [now(`1 - (${shareOfRange(BROKEN, JUDGED)})`)],
    colours: [[null, 'blue']],
  });

export const finished = (ids: PanelIds) =>
  statPanel(ids, {
    title: 'Finished runs',
    description: 'Runs that ended in the time range, including failed ones.',
    unit: 'locale',
    width: 6,
    height: 4,
    decimals: 0,
    targets: [now(`sum(${gained(ENDED)})`)],
    colours: [[null, 'blue']],
  });

export const failedShare = (ids: PanelIds) =>
  statPanel(ids, {
    title: 'Failed runs',
    description: 'Share of the runs in the time range that ended in state failed.',
    unit: 'percentunit',
    width: 6,
    height: 4,
    decimals: 2,
    targets: [now(shareOfRange(FAILED, ENDED))],
    colours: [
      [null, 'green'],
      [0.01, 'orange'],
      [0.05, 'red'],
    ],
  });

export const activeNow = (ids: PanelIds) =>
  statPanel(ids, {
    title: 'Active runs now',
    description: 'Queued or running.',
    unit: 'locale',
    width: 6,
    height: 4,
    decimals: 0,
    targets: [now(`sum(${RECORDS.runsActive}{${BY_DAG}})`)],
    colours: [[null, 'blue']],
  });

export const runDuration = (ids: PanelIds) =>
  seriesPanel(ids, {
    title: 'Run duration',
    description:
      'Time from the start of a run to its end, for all DAGs of the source, over one hour. Click a point to open the run.',
    // Exemplars are in seconds, even if the query divides by something.
    unit: SECONDS,
    width: 12,
    height: 9,
    series: QUANTILES,
    legend: 'table',
    targets: [
      ...[0.5, 0.95, 0.99].map((quantile) =>
        over(
          `histogram_quantile(${quantile}, sum by (le) (${RECORDS.sourceRunBuckets}{${BY_SOURCE}}))`,
          `p${quantile * 100}`,
        ),
      ),
      exemplars(METRICS.runDuration, BY_SOURCE),
    ],
  });

export const burn = (ids: PanelIds, { flow_burn }: Thresholds) => {
  const [fastest, longest] = [flow_burn[0]!, flow_burn.at(-1)!];
  const nameOf = (seconds: number) => `${burnRecord(seconds).split(':ratio')[1]} (worst promise)`;
  return seriesPanel(ids, {
    key: 'flowBurn',
    title: 'Burn rate of promises',
    description:
      'How fast late runs use up the allowance of the promise: 1 = exactly at the allowed rate. The line shows where the fastest alert window fires.',
    unit: 'short',
    width: 12,
    height: 9,
    series: { [nameOf(fastest.long_seconds)]: 'amber', [nameOf(longest.long_seconds)]: 'blue' },
    targets: [fastest, longest].map(({ long_seconds }) =>
      over(`max(${burnRecord(long_seconds)}{${BY_DAG}})`, nameOf(long_seconds)),
    ),
    line: fastest.factor,
  });
};

export const overdue = (ids: PanelIds) =>
  seriesPanel(ids, {
    key: 'promiseOverdue',
    title: 'Overdue promises',
    description: 'How long a run has been overdue, for promises of kind done_by and succeeded_within.',
    ...LONG,
    width: 12,
    height: 9,
    targets: [over(`topk(5, ${RECORDS.promiseOverdue}{${BY_DAG}} > 0) / 60`, '{{promise}} {{dag_id}}')],
  });

export const left = (ids: PanelIds) =>
  seriesPanel(ids, {
    title: 'Time left to keep promises',
    description:
      'Time until a done_by or succeeded_within promise breaks unless a run succeeds first: the five that are closest at each point in time.',
    ...LONG,
    width: 12,
    height: 9,
    targets: [over(`bottomk(5, ${RECORDS.promiseRemaining}{${BY_DAG}}) / 60`, '{{promise}} {{dag_id}}')],
  });
