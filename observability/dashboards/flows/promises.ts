import { METRICS } from '../../../shared/metrics.ts';
import { RECORDS } from '../../../shared/records.ts';
import { burnRecord } from '../../records/burn.ts';
import type { Thresholds } from '../../thresholds.ts';
import { type PanelIds, seriesPanel, statPanel, WHOLE_SHARES } from '../builders.ts';
import { QUANTILES } from '../colours.ts';
import { LONG, SECONDS } from '../durations.ts';
import { BY_DAG, BY_SOURCE, exemplars, gained, now, over, shareOfRange } from '../queries.ts';
import { BROKEN, ENDED, FAILED, JUDGED } from './series.ts';

/** Are promises kept? */

const NO_RUNS = 'No runs seen';
const WHERE_TO = 'Write promises in runbeat.yaml, as docs/promises.md describes.';

export const kept = (ids: PanelIds) =>
  statPanel(ids, {
    title: 'Promises kept',
    description:
      'Share of the verdicts in the time range that were “kept”, over all promises for these DAGs. Promises are written in runbeat.yaml.',
    nothing: 'No promise judged',
    texts: WHOLE_SHARES,
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
    nothing: NO_RUNS,
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
    nothing: NO_RUNS,
    texts: WHOLE_SHARES,
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
    nothing: NO_RUNS,
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
      'Time from the start of a run to its end, for all DAGs of the source, over one hour. The percentiles are estimated from the histogram: of few runs, they are rough. Click a point to open the run.',
    nothing: 'No run was recorded in this time range or in the hour before.',
    // Exemplars are in seconds, even if the query divides by something.
    unit: SECONDS,
    width: 12,
    height: 9,
    series: QUANTILES,
    legend: 'table',
    targets: [
      ...[0.5, 0.95, 0.99].map((quantile) =>
        over(
          `histogram_quantile(${quantile}, sum by (le) (${RECORDS.sourceRunBuckets}{${BY_SOURCE}})) >= 0`,
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
    nothing: `No promise was judged for these DAGs. ${WHERE_TO}`,
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
    nothing: 'No promise was overdue in this time range.',
    width: 12,
    height: 11,
    targets: [over(`topk(5, ${RECORDS.promiseOverdue}{${BY_DAG}} > 0) / 60`, '{{promise}} {{source}} {{dag_id}}')],
  });

export const left = (ids: PanelIds) =>
  seriesPanel(ids, {
    title: 'Time left to keep promises',
    description:
      'Time until a done_by or succeeded_within promise breaks unless a run succeeds first: the five that are closest at each point in time.',
    ...LONG,
    nothing: `No promise of kind done_by or succeeded_within applies to these DAGs. ${WHERE_TO}`,
    width: 12,
    height: 11,
    targets: [over(`bottomk(5, ${RECORDS.promiseRemaining}{${BY_DAG}}) / 60`, '{{promise}} {{source}} {{dag_id}}')],
  });
