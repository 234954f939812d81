import { describe, expect, it } from 'vitest';
import { ALIVE, SOURCE_UP, READY, MAIN, healthy, exporterGone, scenario } from './support/liveness.ts';
import { playScenarios, steps, type Scenario } from './support/promtool.ts';

const tell = (alert: string, labels: Record<string, string>, detail: string) => [{ at: 600, alert, labels, detail }];
const told: Scenario[] = [
  scenario(
    'RunbeatSchedulerDown says that none is alive',
    { ...healthy, [ALIVE]: () => 0 },
    [],
    tell('RunbeatSchedulerDown', MAIN[0]!, '0 schedulers of main are alive'),
  ),
  scenario(
    'RunbeatSchedulerDown says that the database is out of reach',
    { ...healthy, [SOURCE_UP]: steps(1, [300, 0]), [ALIVE]: steps(1, [300, 'stale']) },
    [],
    tell(
      'RunbeatSchedulerDown',
      MAIN[0]!,
      'The exporter has not been able to read the database of main for 1m: it is unknown whether a scheduler is alive',
    ),
  ),
  scenario(
    'RunbeatSchedulerDown says that there is no data',
    exporterGone(300, 9_999),
    [],
    tell(
      'RunbeatSchedulerDown',
      MAIN[0]!,
      'No data about the schedulers of main for 1m: it is unknown whether one is alive',
    ),
  ),
  scenario(
    'RunbeatSchedulerDown says that exporters disagree',
    {
      ...healthy,
      [ALIVE]: steps(1, [300, 0]),
      'runbeat_schedulers_alive{source="main", job="runbeat", instance="e:2"}': () => 1,
      'runbeat_source_up{source="main", job="runbeat", instance="e:2"}': () => 1,
    },
    [],
    tell(
      'RunbeatSchedulerDown',
      MAIN[0]!,
      'Exporters of main disagree: for 1m, one has seen no live scheduler in its database while another sees one. They observe different databases under the same name, or one of them observes a replica that lags behind',
    ),
  ),
  scenario(
    'RunbeatSchedulingStalled says how long work has waited',
    { ...healthy, [READY]: (second) => second },
    [],
    tell(
      'RunbeatSchedulingStalled',
      MAIN[0]!,
      'The schedulers of main send heartbeats, but a task has been ready for 10m 0s and no scheduler has scheduled it',
    ),
  ),
  scenario(
    'links of a source whose name has special characters are escaped',
    { ...healthy, 'runbeat_schedulers_alive{source="a b&c", job="runbeat", instance="e:1"}': () => 0 },
    [],
    tell('RunbeatSchedulerDown', { source: 'a b&c' }, '0 schedulers of a b&c are alive'),
  ),
];

describe('the details of alerts, through promtool', { timeout: 600_000 }, () => {
  it.each(told)('$name', async (it) => {
    await expect(playScenarios([it])).resolves.toBeUndefined();
  });
});
