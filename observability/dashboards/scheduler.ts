import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { DASHBOARD_UIDS } from '../../shared/grafana.ts';
import { METRICS } from '../../shared/metrics.ts';
import { RECORDS } from '../../shared/records.ts';
import type { Thresholds } from '../thresholds.ts';
import { COUNT, NO_SAMPLES, PanelIds, row, seriesPanel, statPanel, WHOLE_SHARES } from './builders.ts';
import { QUANTILES, STAGES, TASK_STATES } from './colours.ts';
import { ageAxis, SECONDS } from './durations.ts';
import { frame, sourceVariable } from './frame.ts';
import { trustPanels } from './trust.ts';
import { BY_SOURCE, exemplars, gained, most, now, over, shareOfRange } from './queries.ts';

/** For on call: is a scheduler alive, is it scheduling, how fast, and are the numbers reliable? */
export function schedulerDashboard(thresholds: Thresholds): Dashboard {
  const ids = new PanelIds();
  const dashboard = frame({
    uid: DASHBOARD_UIDS.scheduler,
    title: 'Runbeat / Scheduler',
    description: 'For on call: is the scheduler alive? Is it scheduling? How fast? Are the numbers up to date?',
    from: 'now-1h',
    refresh: '10s',
  })
    .withVariable(sourceVariable())
    .withRow(row(ids, 'Is a scheduler alive?'))
    .withPanel(alive(ids))
    .withPanel(outageNow(ids))
    .withPanel(outagesInRange(ids))
    .withPanel(readyNow(ids, thresholds))
    .withPanel(heartbeatAge(ids, thresholds))
    .withRow(row(ids, 'Is it scheduling?'))
    .withPanel(oldestReady(ids, thresholds))
    .withPanel(queueAge(ids, thresholds))
    .withPanel(tasksByState(ids))
    .withRow(row(ids, 'How fast?'))
    .withPanel(transitionShare(ids, thresholds))
    .withPanel(transitionCount(ids))
    .withPanel(transitions(ids, thresholds))
    .withPanel(transitionStages(ids))
    .withRow(row(ids, 'Are the numbers up to date?'));
  for (const panel of trustPanels(ids, thresholds)) dashboard.withPanel(panel);
  return dashboard.build();
}

const alive = (ids: PanelIds) =>
  statPanel(ids, {
    key: 'schedulersAlive',
    title: 'Schedulers alive',
    description: 'Schedulers whose last heartbeat is younger than the threshold. At 0, nothing is scheduled.',
    unit: 'short',
    width: 6,
    height: 4,
    targets: [now(`max by (source) (${METRICS.schedulersAlive.name}{${BY_SOURCE}})`, '{{source}}')],
    colours: [
      [null, 'red'],
      [1, 'green'],
    ],
  });

/** No scheduler was ever seen, or the exporter is away. */
const NO_HEARTBEAT = 'No heartbeat known';

const outageNow = (ids: PanelIds) =>
  statPanel(ids, {
    title: 'Time without a scheduler',
    description: 'How long no scheduler has been alive; 0 while one is alive. Empty if none has ever been seen.',
    nothing: NO_HEARTBEAT,
    unit: 'dthms',
    width: 6,
    height: 4,
    targets: [now(`max by (source) (${METRICS.outageSeconds.name}{${BY_SOURCE}})`, '{{source}}')],
    colours: [
      [null, 'green'],
      [1, 'red'],
    ],
  });

/** 1 while no scheduler is alive. The counter has included that outage since its start, which may be before the range. */
const OUTAGE_GOES_ON = `max by (source) (${METRICS.outageSeconds.name}{${BY_SOURCE}} > bool 0)`;

const outagesInRange = (ids: PanelIds) =>
  statPanel(ids, {
    title: 'Outages in this range',
    description: 'Intervals without a live scheduler, including an ongoing one. Every panel marks them.',
    nothing: NO_HEARTBEAT,
    unit: 'short',
    width: 6,
    height: 4,
    decimals: 0,
    targets: [
      now(
        `round(max by (source) (increase(${METRICS.outagesTotal.name}{${BY_SOURCE}}[$__range]))) > 0` +
          ` or ${OUTAGE_GOES_ON}`,
        '{{source}}',
      ),
    ],
    colours: [
      [null, 'green'],
      [1, 'orange'],
    ],
  });

const readyNow = (ids: PanelIds, { ready_task_age }: Thresholds) =>
  statPanel(ids, {
    title: 'Waiting time of ready work',
    description: 'Age of the oldest unscheduled work that no pause, pool or limit holds back; 0 if there is none.',
    unit: 'dthms',
    width: 6,
    height: 4,
    targets: [now(`max by (source) (${METRICS.oldestReadyTaskAge.name}{${BY_SOURCE}})`, '{{source}}')],
    colours: [
      [null, 'green'],
      [ready_task_age, 'red'],
    ],
  });

const heartbeatAge = (ids: PanelIds, { heartbeat_threshold }: Thresholds) =>
  seriesPanel(ids, {
    key: 'heartbeatAge',
    title: 'Age of the last heartbeat',
    description: 'Age of the last heartbeat of each scheduler. Above the line, a scheduler counts as dead.',
    nothing: 'No scheduler sent a heartbeat in this time range.',
    unit: SECONDS,
    width: 24,
    height: 7,
    targets: [
      over(
        `max by (source, scheduler) (${METRICS.schedulerHeartbeatAge.name}{${BY_SOURCE}})`,
        '{{source}} {{scheduler}}',
      ),
    ],
    line: heartbeat_threshold,
    end: heartbeat_threshold * 2,
    decimals: 0,
  });

const oldestReady = (ids: PanelIds, { ready_task_age }: Thresholds) => {
  const { perUnit, ...axis } = ageAxis(ready_task_age);
  return seriesPanel(ids, {
    key: 'oldestReadyTask',
    title: 'Unscheduled ready work',
    description:
      'Age of the oldest work that no pause, pool or limit holds back. It rises if a scheduler sends heartbeats without scheduling.',
    nothing: NO_SAMPLES,
    ...axis,
    width: 8,
    height: 9,
    targets: [
      over(`max by (source) (${METRICS.oldestReadyTaskAge.name}{${BY_SOURCE}})${dividedBy(perUnit)}`, '{{source}}'),
    ],
    line: ready_task_age / perUnit,
    end: (ready_task_age / perUnit) * 2,
  });
};

function dividedBy(perUnit: number): string {
  return perUnit === 1 ? '' : ` / ${perUnit}`;
}

const QUEUES = `${METRICS.queueOldestAge.name}{${BY_SOURCE}}`;
const NOBODY_WAITS = `(max by (source) (${METRICS.sourceUp.name}{${BY_SOURCE}}) * 0)`;

const queueAge = (ids: PanelIds, { queue_age }: Thresholds) => {
  const { perUnit, ...axis } = ageAxis(queue_age);
  return seriesPanel(ids, {
    key: 'backlog',
    title: 'Longest wait for a worker',
    description:
      'Age of the oldest queued task that no worker has started. If it rises, workers are missing, full or stuck.',
    nothing: NO_SAMPLES,
    ...axis,
    width: 8,
    height: 9,
    targets: [
      over(
        `max by (source, queue) (${QUEUES})${dividedBy(perUnit)}` +
          // An empty queue has no oldest task: show zero instead of a gap, or of an empty panel where no queue was ever filled.
          ` or max by (source, queue) (${most(QUEUES)}) * on (source) group_left () ${NOBODY_WAITS}` +
          ` or on (source) ${NOBODY_WAITS}`,
        '{{source}} {{queue}}',
      ),
    ],
    line: queue_age / perUnit,
    end: (queue_age / perUnit) * 2,
  });
};

const tasksByState = (ids: PanelIds) =>
  seriesPanel(ids, {
    title: 'Unfinished tasks by state',
    description: 'Unfinished task instances of active runs; none = the scheduler has not set a state yet.',
    nothing: 'No task was unfinished in this time range.',
    ...COUNT,
    width: 8,
    height: 9,
    stacked: true,
    series: TASK_STATES,
    targets: [over(`sum by (state) (${RECORDS.tasksActive}{${BY_SOURCE}})`, '{{state}}')],
  });

const transitionShare = (ids: PanelIds, { transition_p95 }: Thresholds) => {
  const slow = `${RECORDS.transitionsSlow}{${BY_SOURCE}}`;
  const all = `${RECORDS.transitions}{${BY_SOURCE}}`;
  return statPanel(ids, {
    title: `Transitions within ${transition_p95} s`,
    description: 'Share of the transitions in the time range that met the target, counted from the histogram.',
    nothing: 'No transitions',
    texts: WHOLE_SHARES,
    unit: 'percentunit',
    width: 12,
    height: 4,
    decimals: 2,
    targets: [now(`1 - (${shareOfRange(slow, all)})`)],
    colours: [
      [null, 'red'],
      [0.95, 'green'],
    ],
  });
};

const transitionCount = (ids: PanelIds) =>
  statPanel(ids, {
    title: 'Transitions in this range',
    description: 'Number of transitions that the share on the left is based on.',
    nothing: 'No transitions',
    unit: 'locale',
    width: 12,
    height: 4,
    decimals: 0,
    targets: [now(`sum(${gained(`${RECORDS.transitions}{${BY_SOURCE}}`)})`)],
    colours: [[null, 'blue']],
  });

const NO_TRANSITIONS = 'No transition was recorded in this time range.';

const transitions = (ids: PanelIds, { transition_p95 }: Thresholds) =>
  seriesPanel(ids, {
    key: 'transitions',
    title: 'Transition latency',
    description:
      'Time from the end of the last upstream task to the start of the next task. The line is the target for 95% of the transitions. The percentiles are estimated from the histogram, over 5 minutes. Click a point to open the run.',
    nothing: NO_TRANSITIONS,
    unit: 's',
    width: 12,
    height: 9,
    end: 10 * transition_p95,
    series: QUANTILES,
    legend: 'table',
    targets: [
      ...[0.5, 0.95, 0.99].map((quantile) =>
        over(
          `histogram_quantile(${quantile}, sum by (le) (${RECORDS.transitionBuckets}{${BY_SOURCE}})) >= 0`,
          `p${quantile * 100}`,
        ),
      ),
      exemplars(METRICS.taskTransition, BY_SOURCE),
    ],
    line: transition_p95,
  });

const transitionStages = (ids: PanelIds) =>
  seriesPanel(ids, {
    title: 'Transition time by stage',
    description: 'Mean time of each stage: noticed by the scheduler, queued for a slot, started by a worker.',
    nothing: NO_TRANSITIONS,
    unit: 's',
    width: 12,
    height: 9,
    stacked: true,
    series: STAGES,
    legend: 'table',
    targets: [
      over(
        // Rounded, because Grafana would write a stage that takes no time as 74.5 ns.
        `round(sum by (stage) (${RECORDS.stageSeconds}{${BY_SOURCE}}) / sum by (stage) (${RECORDS.stageCount}{${BY_SOURCE}} > 0), 0.0001)`,
        '{{stage}}',
      ),
    ],
  });
