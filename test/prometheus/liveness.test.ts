import { describe, expect, it } from 'vitest';
import { DEFAULT_THRESHOLDS } from '../../observability/thresholds.ts';
import {
  ALIVE,
  SOURCE_UP,
  READY,
  LAG,
  UP,
  one,
  AGE,
  MAIN,
  healthy,
  exporterGone,
  dead,
  silent,
  scenario,
} from './support/liveness.ts';
import { playScenarios, steps, type Scenario } from './support/promtool.ts';

const down = (at: number, yes: boolean) => ({ at, alert: 'RunbeatSchedulerDown', labels: yes ? MAIN : [] });

/** It fires for longer than its cause, so that the alerts that it inhibits end first. */
const KEEP = DEFAULT_THRESHOLDS.scheduler_down_keep;

const schedulerDown: Scenario[] = [
  scenario(
    'fires at the first scrape without a live scheduler, and ends half a minute after the first one with a live scheduler',
    { ...healthy, [ALIVE]: steps(1, [300, 0], [900, 1]), [AGE]: dead(300, 900) },
    [down(295, false), down(300, true), down(895 + KEEP, true), down(900 + KEEP, false)],
  ),
  scenario('fires a minute after the exporter has gone, and does not tire of it', exporterGone(300, 9_000), [
    down(355, false),
    down(360, true),
    down(2 * 3_600, true),
    down(8_995 + KEEP, true),
    down(9_000 + KEEP, false),
  ]),
  scenario(
    'fires a minute after the series has vanished from an exporter that is up',
    { ...healthy, [ALIVE]: steps(1, [300, 'stale'], [900, 1]) },
    [down(355, false), down(360, true), down(895 + KEEP, true), down(900 + KEEP, false)],
  ),
  scenario(
    'fires for that one of two sources whose series has vanished',
    {
      ...healthy,
      [ALIVE]: steps(1, [300, 'stale']),
      'runbeat_schedulers_alive{source="other", job="runbeat", instance="e:1"}': () => 2,
    },
    [down(360, true), down(900, true)],
  ),
  scenario(
    'fires once while the database is down, whatever the exporter reports about its schedulers meanwhile',
    {
      ...healthy,
      [SOURCE_UP]: steps(1, [300, 0], [900, 1]),
      [ALIVE]: steps(1, [300, 'stale'], [330, 0], [420, 'stale'], [900, 1]),
      [AGE]: dead(330, 900),
    },
    [down(355, false), down(360, true), down(480, true), down(895 + KEEP, true), down(900 + KEEP, false)],
  ),
  scenario(
    'keeps firing while the exporter restarts',
    exporterGone(400, 440, { ...healthy, [ALIVE]: steps(1, [300, 0], [600, 1]), [AGE]: dead(300, 600) }),
    [300, 395, 400, 420, 435, 440, 595 + KEEP].map((at) => down(at, true)).concat(down(600 + KEEP, false)),
  ),
  scenario(
    'fires without a source a minute after Prometheus started if there has never been an exporter',
    { [UP]: () => 0 },
    [
      { at: 40, alert: 'RunbeatSchedulerDown', labels: [] },
      { at: 60, alert: 'RunbeatSchedulerDown', labels: [{ severity: 'critical' }] },
    ],
  ),
  scenario(
    'is silent if one of two exporters sees the scheduler less than a minute later than the other',
    {
      ...healthy,
      [ALIVE]: steps(1, [300, 0], [350, 1]),
      'runbeat_schedulers_alive{source="main", job="runbeat", instance="e:2"}': () => 1,
    },
    [down(300, false), down(355, false), down(600, false)],
  ),
  scenario(
    'fires even if a scheduler is alive in another database that is observed under the same name',
    {
      ...healthy,
      [ALIVE]: steps(1, [300, 0]),
      'runbeat_schedulers_alive{source="main", job="runbeat", instance="e:2", env="staging"}': () => 1,
      'runbeat_source_up{source="main", job="runbeat", instance="e:2", env="staging"}': () => 1,
    },
    [down(300, false), down(370, true), down(900, true)],
  ),
  scenario(
    'is silent if one of two exporters can’t read the database that both observe, which other alerts report',
    {
      ...healthy,
      [SOURCE_UP]: steps(1, [300, 0]),
      [ALIVE]: steps(1, [300, 0]),
      'runbeat_schedulers_alive{source="main", job="runbeat", instance="e:2"}': () => 1,
      'runbeat_source_up{source="main", job="runbeat", instance="e:2"}': () => 1,
    },
    [down(370, false), down(900, false)],
  ),
];

describe('liveness alerts, through promtool', { timeout: 600_000 }, () => {
  it.each(schedulerDown)('RunbeatSchedulerDown $name', async (it) => {
    await expect(playScenarios([it])).resolves.toBeUndefined();
  });

  it.each([
    silent('an exporter that restarts within half a minute', exporterGone(600, 630)),
    silent('an exporter deployed under another address', {
      ...exporterGone(600, 9_999),
      [UP]: steps(1, [600, 'stale']),
      'up{job="runbeat", instance="e:2"}': steps(null, [640, 1]),
      'runbeat_schedulers_alive{source="main", job="runbeat", instance="e:2"}': steps(null, [640, 1]),
      'runbeat_source_up{source="main", job="runbeat", instance="e:2"}': steps(null, [640, 1]),
      'runbeat_source_lag_seconds{source="main", job="runbeat", instance="e:2"}': steps(null, [640, 1]),
    }),
    silent('a failover of the database within half a minute', {
      ...healthy,
      [SOURCE_UP]: steps(1, [600, 0], [630, 1]),
      [ALIVE]: steps(1, [600, 'stale'], [630, 1]),
    }),
    silent('a database that is not there yet when the exporter starts', {
      ...healthy,
      [SOURCE_UP]: steps(0, [20, 1]),
      [ALIVE]: steps(null, [20, 1]),
    }),
    silent('the start of everything', { ...healthy, [ALIVE]: steps(null, [10, 1]), [UP]: steps(0, [10, 1]) }),
    silent('a first scheduler that starts after the exporter', {
      ...healthy,
      [ALIVE]: steps(0, [25, 1]),
      [AGE]: steps(null, [25, 1]),
    }),
    silent('a stack that is restarted as a whole', {
      ...exporterGone(605, 640, {
        ...healthy,
        [ALIVE]: steps(1, [600, 0], [650, 1]),
        [AGE]: (s) => (s < 600 ? 2 : s < 650 ? Math.min(28, s - 600) : 1),
      }),
    }),
    silent('a scheduler that restarts cleanly within its threshold', {
      ...healthy,
      [ALIVE]: steps(1, [600, 0], [620, 1]),
      [AGE]: (second) => (second >= 600 && second < 620 ? second - 600 : 2),
      [one('a')]: steps(1, [600, 'stale']),
      [one('b')]: steps(null, [615, 1]),
      [READY]: (second) => (second > 600 && second < 615 ? second - 600 : 0),
    }),
    silent('a rolling deploy of two schedulers', {
      ...healthy,
      [ALIVE]: steps(2, [600, 3], [620, 2], [660, 3], [680, 2]),
      [one('a')]: steps(1, [620, 'stale']),
      [one('b')]: steps(1, [680, 'stale']),
      [one('c')]: steps(null, [600, 1]),
      [one('d')]: steps(null, [660, 1]),
    }),
    silent('a killed scheduler of two that is replaced, although its row says running for ever', {
      ...healthy,
      [ALIVE]: steps(2, [630, 1], [700, 2]),
      [one('a')]: () => 1,
      [one('b')]: steps(1, [630, 0]),
      [one('c')]: steps(null, [700, 1]),
    }),
    silent('fewer schedulers than before, by choice', {
      ...healthy,
      [ALIVE]: steps(2, [600, 1]),
      [one('a')]: () => 1,
      [one('b')]: steps(1, [600, 'stale']),
    }),
    silent('a deploy that has the new beside the old for five minutes and then kills them', {
      ...healthy,
      [ALIVE]: steps(2, [600, 4], [900, 2]),
      [one('a')]: steps(1, [900, 0]),
      [one('b')]: steps(1, [900, 0]),
      [one('c')]: steps(null, [600, 1]),
      [one('d')]: steps(null, [600, 1]),
    }),
    silent('stale rows of schedulers that died long ago', {
      ...healthy,
      [one('now')]: () => 1,
      [one('then')]: () => 0,
      [one('long ago')]: () => 0,
    }),
    silent('an idle night', healthy, 3 * 3_600, [
      'RunbeatSchedulerDown',
      'RunbeatExporterLagging',
      'RunbeatSchedulingStalled',
    ]),
    silent('a burst of work that is scheduled within the minute', {
      ...healthy,
      [READY]: (second) => (second % 300 < 50 ? second % 300 : 0),
    }),
  ])('all stay silent for $name', async (it) => {
    await expect(playScenarios([it])).resolves.toBeUndefined();
  });

  it.each([
    scenario(
      'RunbeatSchedulerInstanceDown fires two minutes after one of two has died, and ends when it is replaced',
      {
        ...healthy,
        [ALIVE]: steps(2, [600, 1], [1_140, 2]),
        [one('a')]: () => 1,
        [one('b')]: steps(1, [600, 0]),
        [one('c')]: steps(null, [1_140, 1]),
      },
      [
        { at: 715, alert: 'RunbeatSchedulerInstanceDown', labels: [] },
        { at: 720, alert: 'RunbeatSchedulerInstanceDown', labels: [{ source: 'main', scheduler: 'b' }] },
        { at: 1_135, alert: 'RunbeatSchedulerInstanceDown', labels: [{ source: 'main', scheduler: 'b' }] },
        { at: 1_140, alert: 'RunbeatSchedulerInstanceDown', labels: [] },
        down(1_140, false),
      ],
    ),
    scenario(
      'RunbeatSchedulerInstanceDown ends when the exporter lets the dead row age out',
      {
        ...healthy,
        [ALIVE]: steps(2, [600, 1]),
        [one('a')]: () => 1,
        [one('b')]: steps(1, [600, 0], [1_200, 'stale']),
      },
      [
        { at: 1_195, alert: 'RunbeatSchedulerInstanceDown', labels: [{ source: 'main', scheduler: 'b' }] },
        { at: 1_200, alert: 'RunbeatSchedulerInstanceDown', labels: [] },
      ],
    ),
    scenario(
      'RunbeatSchedulerInstanceDown leaves the last scheduler to RunbeatSchedulerDown',
      {
        ...healthy,
        [ALIVE]: steps(2, [600, 1], [900, 0]),
        [AGE]: dead(900),
        [one('a')]: steps(1, [900, 0]),
        [one('b')]: steps(1, [600, 0]),
      },
      [down(900, true), { at: 900, alert: 'RunbeatSchedulerInstanceDown', labels: [] }],
    ),
    scenario(
      'RunbeatSchedulingStalled fires 90 s after a loop has begun to beat without scheduling, and ends with it',
      { ...healthy, [READY]: (second) => (second >= 600 && second < 1_200 ? second - 600 : 0) },
      [
        { at: 690, alert: 'RunbeatSchedulingStalled', labels: [] },
        { at: 695, alert: 'RunbeatSchedulingStalled', labels: MAIN },
        { at: 1_195, alert: 'RunbeatSchedulingStalled', labels: MAIN },
        { at: 1_200, alert: 'RunbeatSchedulingStalled', labels: [] },
        down(695, false),
      ],
    ),
    scenario(
      'RunbeatSchedulingStalled leaves a dead scheduler to RunbeatSchedulerDown',
      { ...healthy, [ALIVE]: steps(1, [600, 0]), [AGE]: dead(600), [READY]: (second) => Math.max(0, second - 600) },
      [{ at: 800, alert: 'RunbeatSchedulingStalled', labels: [] }, down(800, true)],
    ),
    scenario('RunbeatExporterDown fires when the exporter has not answered for 90 s', exporterGone(300, 900), [
      { at: 385, alert: 'RunbeatExporterDown', labels: [] },
      { at: 390, alert: 'RunbeatExporterDown', labels: [{ instance: 'e:1' }] },
      { at: 900, alert: 'RunbeatExporterDown', labels: [] },
    ]),
    scenario(
      'RunbeatExporterDown fires when Prometheus no longer knows an exporter to ask',
      { ...healthy, [UP]: steps(1, [300, 'stale']) },
      [{ at: 390, alert: 'RunbeatExporterDown', labels: [{ job: 'runbeat' }] }],
    ),
    scenario(
      'RunbeatSourceUnreachable names the exporter that cannot read, although another one can',
      {
        ...healthy,
        'up{job="runbeat", instance="e:2"}': () => 1,
        'runbeat_source_up{source="main", job="runbeat", instance="e:2"}': steps(1, [300, 0], [600, 1]),
      },
      [
        { at: 350, alert: 'RunbeatSourceUnreachable', labels: [] },
        { at: 360, alert: 'RunbeatSourceUnreachable', labels: [{ source: 'main', instance: 'e:2' }] },
        { at: 600, alert: 'RunbeatSourceUnreachable', labels: [] },
        down(400, false),
      ],
    ),
    scenario(
      'RunbeatExporterLagging fires after two minutes of old numbers',
      { ...healthy, [LAG]: (second) => (second >= 600 && second < 1_200 ? second - 600 : 1) },
      [
        { at: 780, alert: 'RunbeatExporterLagging', labels: [] },
        { at: 785, alert: 'RunbeatExporterLagging', labels: MAIN },
        { at: 1_200, alert: 'RunbeatExporterLagging', labels: [] },
      ],
    ),
  ])('$name', async (it) => {
    await expect(playScenarios([it])).resolves.toBeUndefined();
  });
});
