import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { DASHBOARD_UIDS } from '../../shared/grafana.ts';
import { METRICS } from '../../shared/metrics.ts';
import { RECORDS } from '../../shared/records.ts';
import type { Thresholds } from '../thresholds.ts';
import { PanelIds, row, seriesPanel, statPanel } from './builders.ts';
import { frame, sourceVariable } from './frame.ts';
import { BY_SOURCE, now, over, shareOfRange } from './queries.ts';

/** On call: is it alive, is it scheduling, how fast, and can I trust what I see? */
export function schedulerDashboard(thresholds: Thresholds): Dashboard {
  const ids = new PanelIds();
  return frame({
    uid: DASHBOARD_UIDS.scheduler,
    title: 'Runbeat / Scheduler',
    description: 'On call: is the scheduler alive? Is it scheduling? How fast? Can the numbers be trusted?',
    from: 'now-1h',
    refresh: '10s',
  })
    .withVariable(sourceVariable())
    .withRow(row(ids, 'Is a scheduler alive?'))
    .withPanel(alive(ids))
    .withPanel(outageNow(ids))
    .withPanel(outagesInRange(ids))
    .withPanel(heartbeatAge(ids, thresholds))
    .withRow(row(ids, 'Is it scheduling?'))
    .withPanel(oldestReady(ids, thresholds))
    .withPanel(queueAge(ids, thresholds))
    .withPanel(tasksByState(ids))
    .withRow(row(ids, 'How fast?'))
    .withPanel(transitionShare(ids, thresholds))
    .withPanel(transitions(ids, thresholds))
    .withPanel(transitionStages(ids))
    .withRow(row(ids, 'Can the numbers be trusted?'))
    .withPanel(exporterUp(ids, thresholds))
    .withPanel(sourceReadable(ids))
    .withPanel(sourceLag(ids, thresholds))
    .withPanel(collectors(ids))
    .build();
}

const alive = (ids: PanelIds) =>
  statPanel(ids, {
    key: 'schedulersAlive',
    title: 'Schedulers alive',
    description: 'Schedulers whose heartbeat is younger than the threshold. At 0 nothing is scheduled.',
    unit: 'short',
    width: 4,
    height: 5,
    targets: [over(`max by (source) (${METRICS.schedulersAlive.name}{${BY_SOURCE}})`, '{{source}}')],
    colours: [
      [null, 'red'],
      [1, 'green'],
    ],
  });

const outageNow = (ids: PanelIds) =>
  statPanel(ids, {
    title: 'Without a scheduler for',
    description: 'Length so far of the present interval without a live scheduler; 0 when one is alive.',
    unit: 's',
    width: 4,
    height: 5,
    targets: [over(`max by (source) (${METRICS.outageSeconds.name}{${BY_SOURCE}})`, '{{source}}')],
    colours: [
      [null, 'green'],
      [1, 'red'],
    ],
  });

const outagesInRange = (ids: PanelIds) =>
  statPanel(ids, {
    title: 'Outages in this range',
    description: 'Intervals without a live scheduler that ended in the time range. They are marked on every panel.',
    unit: 'short',
    width: 4,
    height: 5,
    decimals: 0,
    targets: [
      now(
        // Without any outage there is no counter yet; that is a zero and not a missing answer.
        `sum by (source) (increase(${METRICS.outagesTotal.name}{${BY_SOURCE}}[$__range]))` +
          ` or max by (source) (${METRICS.sourceUp.name}{${BY_SOURCE}}) * 0`,
        '{{source}}',
      ),
    ],
    colours: [
      [null, 'green'],
      [1, 'orange'],
    ],
  });

const heartbeatAge = (ids: PanelIds, { heartbeat_threshold }: Thresholds) =>
  seriesPanel(ids, {
    key: 'heartbeatAge',
    title: 'Age of the last heartbeat',
    description: 'Each scheduler by itself. Above the line it counts as dead.',
    unit: 's',
    width: 12,
    height: 5,
    targets: [
      over(
        `max by (source, scheduler) (${METRICS.schedulerHeartbeatAge.name}{${BY_SOURCE}})`,
        '{{source}} {{scheduler}}',
      ),
    ],
    line: heartbeat_threshold,
  });

const oldestReady = (ids: PanelIds, { ready_task_age }: Thresholds) =>
  seriesPanel(ids, {
    key: 'oldestReadyTask',
    title: 'Oldest ready work that nobody schedules',
    description: 'Held back by no pause, pool or limit. Rises when a scheduler beats without scheduling.',
    unit: 's',
    width: 8,
    targets: [over(`max by (source) (${METRICS.oldestReadyTaskAge.name}{${BY_SOURCE}})`, '{{source}}')],
    line: ready_task_age,
  });

const queueAge = (ids: PanelIds, { queue_age }: Thresholds) =>
  seriesPanel(ids, {
    key: 'backlog',
    title: 'Oldest task that waits for a worker',
    description: 'Scheduled and handed over, but not started: workers are missing, full or stuck.',
    unit: 's',
    width: 8,
    targets: [
      over(
        `max by (source, queue) (${METRICS.queueOldestAge.name}{${BY_SOURCE}})` +
          // An empty queue has no oldest task: said as zero, and not as an empty panel.
          ` or max by (source) (${METRICS.sourceUp.name}{${BY_SOURCE}}) * 0`,
        '{{source}} {{queue}}',
      ),
    ],
    line: queue_age,
  });

const tasksByState = (ids: PanelIds) =>
  seriesPanel(ids, {
    title: 'Unfinished tasks by state',
    description: 'Task instances of active runs; none = nothing decided yet.',
    unit: 'short',
    width: 8,
    stacked: true,
    targets: [over(`sum by (state) (${RECORDS.tasksActive}{${BY_SOURCE}})`, '{{state}}')],
  });

const transitionShare = (ids: PanelIds, { transition_p95 }: Thresholds) => {
  const slow = `${RECORDS.transitionsSlow}{${BY_SOURCE}}`;
  const all = `${RECORDS.transitions}{${BY_SOURCE}}`;
  return statPanel(ids, {
    title: `Transitions within ${transition_p95} s`,
    description: 'Share of the transitions of the time range that kept the promise, counted from the histogram.',
    unit: 'percentunit',
    width: 4,
    decimals: 2,
    targets: [now(`1 - (${shareOfRange(slow, all)})`)],
    colours: [
      [null, 'red'],
      [0.95, 'green'],
    ],
  });
};

const transitions = (ids: PanelIds, { transition_p95 }: Thresholds) =>
  seriesPanel(ids, {
    key: 'transitions',
    title: 'Transition latency',
    description:
      'From the end of the last upstream to the start of the next task. The line is what is promised for 95%.',
    unit: 's',
    width: 10,
    targets: [0.5, 0.95, 0.99].map((quantile) =>
      over(
        `histogram_quantile(${quantile}, sum by (le) (${RECORDS.transitionBuckets}{${BY_SOURCE}}))`,
        `p${quantile * 100}`,
      ),
    ),
    line: transition_p95,
  });

const transitionStages = (ids: PanelIds) =>
  seriesPanel(ids, {
    title: 'Where transitions spend their time (mean)',
    description: 'Noticed by the scheduler, queued for a slot, started by the executor.',
    unit: 's',
    width: 10,
    stacked: true,
    targets: [
      over(
        `sum by (stage) (${RECORDS.stageSeconds}{${BY_SOURCE}}) / sum by (stage) (${RECORDS.stageCount}{${BY_SOURCE}})`,
        '{{stage}}',
      ),
    ],
  });

const exporterUp = (ids: PanelIds, { exporter_job }: Thresholds) =>
  statPanel(ids, {
    key: 'exporterUp',
    title: 'Exporter',
    description: 'Whether Prometheus got an answer at its last scrape.',
    unit: 'short',
    width: 4,
    height: 6,
    targets: [over(`up{job="${exporter_job}"}`, '{{instance}}')],
    colours: [
      [null, 'red'],
      [1, 'green'],
    ],
    texts: { 0: { text: 'down', color: 'red' }, 1: { text: 'up', color: 'green' } },
  });

const sourceReadable = (ids: PanelIds) =>
  statPanel(ids, {
    key: 'sourceUp',
    title: 'Database',
    description: 'Whether the exporter could read the observed database at its last poll.',
    unit: 'short',
    width: 4,
    height: 6,
    targets: [over(`min by (source) (${METRICS.sourceUp.name}{${BY_SOURCE}})`, '{{source}}')],
    colours: [
      [null, 'red'],
      [1, 'green'],
    ],
    texts: { 0: { text: 'unreachable', color: 'red' }, 1: { text: 'readable', color: 'green' } },
  });

const sourceLag = (ids: PanelIds, { source_lag }: Thresholds) =>
  seriesPanel(ids, {
    key: 'sourceLag',
    title: 'How old the numbers are',
    description: 'Now minus the moment up to which all changes have been read.',
    unit: 's',
    width: 8,
    height: 6,
    targets: [over(`max by (source) (${METRICS.sourceLag.name}{${BY_SOURCE}})`, '{{source}}')],
    line: source_lag,
  });

const collectors = (ids: PanelIds) =>
  seriesPanel(ids, {
    title: 'Time taken by each collector',
    description: 'Duration of the last run of each collector of the exporter.',
    unit: 's',
    width: 8,
    height: 6,
    targets: [over(`max by (collector) (${METRICS.collectorDuration.name}{${BY_SOURCE}})`, '{{collector}}')],
  });
