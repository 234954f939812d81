import { describe, expect, it } from 'vitest';
import { grafanaAlerting } from '../../observability/alerts/grafana.ts';
import { DEFAULT_THRESHOLDS } from '../../observability/thresholds.ts';
import { playScenarios, steps, type Scenario, type Series } from './support/promtool.ts';

interface GrafanaRules {
  groups: { rules: { title: string; data: { model: { expr?: string; conditions?: Condition[] } }[] }[] }[];
}
interface Condition {
  evaluator: { type: 'gt' | 'lt'; params: [number] };
}

/** The condition of a Grafana rule, as one expression that returns series while the rule would fire. */
function inGrafana(name: string): string {
  const { groups } = grafanaAlerting(DEFAULT_THRESHOLDS) as GrafanaRules;
  const [query, threshold] = groups.flatMap(({ rules }) => rules).find(({ title }) => title === name)!.data;
  const { type, params } = threshold!.model.conditions![0]!.evaluator;
  return `(${query!.model.expr}) ${type === 'gt' ? '>' : '<'} ${params[0]}`;
}

/** Series of one exporter, each missing while the exporter is down. */
function exporter(
  instance: string,
  values: { alive?: Series[string]; sourceUp?: Series[string] },
  goneFrom = Infinity,
): Series {
  const at = `job="runbeat", instance="${instance}"`;
  const told =
    (value: Series[string]): Series[string] =>
    (second) =>
      second >= goneFrom ? 'stale' : value(second);
  const { alive = () => 1, sourceUp = () => 1 } = values;
  return {
    [`up{${at}}`]: (second) => (second >= goneFrom ? 0 : 1),
    [`runbeat_source_up{source="main", ${at}}`]: told(sourceUp),
    [`runbeat_schedulers_alive{source="main", ${at}}`]: told(alive),
    [`runbeat_scheduler_heartbeat_age_seconds{source="main", scheduler="a", ${at}}`]: told((second) =>
      alive(second) === 0 ? 31 : 2,
    ),
    [`runbeat_oldest_ready_task_age_seconds{source="main", ${at}}`]: told((second) => (alive(second) === 0 ? 500 : 1)),
  };
}

function scenario(name: string, series: Series, fires: string[], silent: string[], seconds = 900): Scenario {
  const nothing = [...fires.map((alert) => `absent(${inGrafana(alert)})`), ...silent.map(inGrafana)];
  return { name, rules: 'liveness', seconds, series, firing: [], nothing };
}

const LEADER = 'RunbeatSchedulerDown';
const CAUSES = ['RunbeatExporterDown', 'RunbeatSourceUnreachable', 'RunbeatSchedulingStalled'];

describe('Grafana’s rules, over the records of Prometheus', { timeout: 600_000 }, () => {
  it.each([
    scenario('all is well', exporter('e:1', {}), [], [LEADER, ...CAUSES]),
    scenario('the only exporter is gone: one page, its cause held back', exporter('e:1', {}, 300), [LEADER], CAUSES),
    scenario(
      'the database is down: one page, with its cause inhibited',
      exporter('e:1', { sourceUp: steps(1, [300, 0]), alive: steps(1, [330, 'stale']) }),
      [LEADER],
      CAUSES,
    ),
    scenario(
      'every scheduler is dead while work waits: one page',
      exporter('e:1', { alive: steps(1, [300, 0]) }),
      [LEADER],
      CAUSES,
    ),
    scenario(
      'one of two exporters is down: only the alert for the exporter',
      { ...exporter('e:1', {}), ...exporter('e:2', {}, 300) },
      ['RunbeatExporterDown'],
      [LEADER, 'RunbeatSourceUnreachable'],
    ),
    scenario('Prometheus has only just started', { 'up{job="runbeat", instance="e:1"}': () => 0 }, [], [LEADER], 20),
  ])('$name', async (it) => {
    await expect(playScenarios([it])).resolves.toBeUndefined();
  });
});
