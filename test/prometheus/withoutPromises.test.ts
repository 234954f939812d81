import { expect, it } from 'vitest';
import { burningOf } from './promised/burning.ts';
import { scraped } from './promised/exporters.ts';
import { DAGS, START } from './promised/plan.ts';
import { seriesOf } from './promised/scenario.ts';
import { truthOf } from './promised/truth.ts';
import { newWorld } from './promised/world.ts';
import { playScenarios, type Scenario, type Series } from './support/promtool.ts';

/** By default, a short time is simulated; docs/alerts.md says how to run the whole simulation. */
const HOURS = Number(process.env.RUNBEAT_PROMISE_HOURS || 10);
const SEED = Number(process.env.RUNBEAT_SIMULATION_SEED || 1);

it(
  `${HOURS} hours of 20 DAGs without a promise, and no alert about their time`,
  async () => {
    const world = newWorld(SEED, HOURS);
    // The same DAGs would break promises if there were any.
    const truths = truthOf(world);
    expect(truths.some((truth) => truth.overdue.length > 0)).toBe(true);
    expect(truths.some((truth) => truth.share !== null && burningOf(world, truth).must.includes(1))).toBe(true);
    const samples = scraped({ ...world, edits: [{ at: START, promises: [] }] });
    const names = [...samples.keys()].map((selector) => selector.split('{')[0]);
    expect([...new Set(names)]).toEqual(['runbeat_dag_info']);
    expect(names.length).toBeGreaterThanOrEqual(DAGS.length);
    await expect(playScenarios([silence(seriesOf(samples), world.seconds)])).resolves.toBeUndefined();
  },
  24 * 3_600_000,
);

it('the simulation itself detects an alert', async () => {
  const overdue = 'runbeat_promise_overdue_seconds{job="runbeat",instance="e:0",source="main",dag_id="a",promise="p"}';
  await expect(playScenarios([silence({ [overdue]: () => 5 }, 120)])).rejects.toThrow(/RunbeatPromiseMissed/);
});

/** No alert fires at any time. */
function silence(series: Series, seconds: number): Scenario {
  return {
    name: 'no promises',
    rules: 'promises',
    seconds,
    series: { 'up{job="runbeat",instance="e:0"}': () => 1, ...series },
    firing: [],
    records: [{ record: 'verdict:told:time', expr: 'time() * ALERTS' }],
    nothing: [`min_over_time(verdict:told:time[${seconds}s])`],
  };
}
