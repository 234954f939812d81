import type { Scenario, Sample, Series } from '../support/promtool.ts';
import { isWithin } from '../simulation/heartbeats.ts';
import { burningOf, REMEMBERED, STEP } from './burning.ts';
import type { Samples } from './exporters.ts';
import { START } from './plan.ts';
import type { Truth } from './terms.ts';
import { bothAway, toldAt } from './told.ts';
import type { World } from './world.ts';

const MINUTE = 60;
const LATENCY = 'RunbeatFlowLatencySLO';
const MISSED = 'RunbeatPromiseMissed';
const SAME = 'on (alertname, source, dag_id, promise)';

/**
 * What Prometheus scraped, and the expected result: each broken promise is reported within a minute, and no alert is without a
 * cause.
 */
export function scenarioOf(world: World, samples: Samples, truths: readonly Truth[], name: string): Scenario {
  const must = new Map<string, (second: number) => boolean>();
  const may = new Map<string, (second: number) => boolean>();
  for (const truth of truths) expect(world, truth, must, may);
  return {
    name,
    rules: 'promises',
    seconds: world.seconds,
    series: {
      'up{job="runbeat",instance="e:0"}': () => 1,
      ...seriesOf(samples),
      ...marks('must_fire', must),
      ...marks('may_fire', may),
    },
    firing: [],
    records: [
      { record: 'verdict:false_alarm:time', expr: `time() * (ALERTS{alertstate="firing"} unless ${SAME} may_fire)` },
      { record: 'verdict:missed:time', expr: `time() * (must_fire unless ${SAME} ALERTS{alertstate="firing"})` },
      { record: 'verdict:told:count', expr: `count by (alertname) (ALERTS{alertstate="firing"})` },
    ],
    // Each returns the first second at which its condition held.
    nothing: ['false_alarm', 'missed'].map((verdict) => `min_over_time(verdict:${verdict}:time[${world.seconds}s])`),
  };
}

type Moments = Map<string, (second: number) => boolean>;

function expect(world: World, truth: Truth, must: Moments, may: Moments): void {
  const { promise, dag, share } = truth;
  const alertname = share === null ? MISSED : LATENCY;
  const labels = `{alertname="${alertname}",source="main",dag_id=${JSON.stringify(dag.dag_id)},promise="${promise}"}`;
  const away = bothAway(world);
  // Without an exporter nothing is reported. What happened meanwhile is reported a minute after one is back.
  const isSilent = (at: number): boolean => away.some(([from, to]) => at >= from && at < to + MINUTE);
  const hidden = [...world.unreadable, ...away];
  const isBehind = (at: number): boolean => hidden.some(([from, to]) => at >= from && at < to + MINUTE);
  if (share !== null) {
    const burning = burningOf(world, truth);
    must.set(labels, (second) => burning.must[second / STEP] === 1 && !isSilent(START + second));
    may.set(labels, (second) => isNear(burning.may, second / STEP) || isBehindBurning(burning.may, second));
    return;
  }
  const isOverdue = (from: number, at: number): boolean =>
    truth.overdue.some(([a, b]) => at >= a + from && at < b && isWithin(truth.inForce, at));
  must.set(labels, (second) => isOverdue(MINUTE, START + second) && !isSilent(START + second));
  may.set(labels, (second) => {
    const at = START + second;
    return truth.overdue.some(([a, b]) => at >= a && at < toldAt(world, b) + patience(b)) || isBehind(at);
  });

  function patience(over: number): number {
    return truth.inForce.some(([, until]) => until === over) ? REMEMBERED : MINUTE;
  }

  /** An alert lasts until an exporter knows that its cause has ended. */
  function isBehindBurning(flags: Uint8Array, second: number): boolean {
    const at = START + second;
    const gone = hidden.find(([from, to]) => at >= from && at < to + MINUTE);
    return gone !== undefined && isNear(flags, Math.floor((gone[0] - START) / STEP));
  }
}

function isNear(flags: Uint8Array, step: number): boolean {
  return [0, 1, 2, 3].some((back) => flags[step - back] === 1);
}

function marks(name: string, moments: Moments): Series {
  return Object.fromEntries([...moments].map(([labels, isSo]) => [`${name}${labels}`, endingStale(isSo)]));
}

function endingStale(isSo: (second: number) => boolean): (second: number) => Sample {
  return (second) => (isSo(second) ? 1 : second > 0 && isSo(second - STEP) ? 'stale' : null);
}

/** The scraped samples, as input series of promtool. */
export function seriesOf(samples: Samples): Series {
  return Object.fromEntries([...samples].map(([selector, values]) => [selector, sampleOf(values)]));
}

function sampleOf(values: Float64Array): (second: number) => Sample {
  return (second) => {
    const at = Math.round(second / STEP);
    if (!Number.isNaN(values[at])) return values[at]!;
    return at > 0 && !Number.isNaN(values[at - 1]) ? 'stale' : null;
  };
}
