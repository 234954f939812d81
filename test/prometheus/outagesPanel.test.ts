import { expect, it } from 'vitest';
import { allDashboards } from '../../observability/dashboards/all.ts';
import { withoutVariables } from '../../observability/promql/variables.ts';
import { DEFAULT_THRESHOLDS } from '../../observability/thresholds.ts';
import { playScenarios, steps, type Scenario, type Series } from './support/promtool.ts';

/** The large number "Outages in this range", over an hour. */

const PANELS = allDashboards(DEFAULT_THRESHOLDS).flatMap(({ panels }) => panels ?? []);
const { targets } = PANELS.find(({ title }) => title === 'Outages in this range') as unknown as {
  targets: { expr: string }[];
};
const SHOWN = withoutVariables(targets[0]!.expr).expression;

const TOTAL = 'runbeat_outages_total{source="main"}';
const ACTIVE = 'runbeat_outage_active_seconds{source="main"}';

function shows(count: number, name: string, seconds: number, series: Series): Scenario {
  const nothing = [`(${SHOWN}) != ${count}`, `absent(${SHOWN})`];
  return { name, rules: 'liveness', seconds, series, firing: [], nothing };
}

it('counts an outage once, while it goes on and afterwards', async () => {
  const scenarios = [
    shows(0, 'no outage', 600, { [TOTAL]: () => 0, [ACTIVE]: () => 0 }),
    shows(1, 'an outage that goes on', 600, { [TOTAL]: steps(0, [300, 1]), [ACTIVE]: steps(0, [300, 30]) }),
    shows(1, 'an outage that has ended', 600, {
      [TOTAL]: steps(0, [300, 1]),
      [ACTIVE]: steps(0, [300, 30], [400, 0]),
    }),
    shows(2, 'the second outage goes on', 900, {
      [TOTAL]: steps(0, [300, 1], [600, 2]),
      [ACTIVE]: steps(0, [300, 30], [400, 0], [600, 30]),
    }),
    shows(1, 'an outage longer than the range', 7_200, { [TOTAL]: steps(0, [300, 1]), [ACTIVE]: steps(0, [300, 30]) }),
    shows(1, 'an outage that the exporter could not count yet', 600, {
      [TOTAL]: () => 0,
      [ACTIVE]: steps(0, [300, 30]),
    }),
  ];
  await expect(playScenarios(scenarios)).resolves.toBeUndefined();
});
