import { DEFAULT_THRESHOLDS } from '../../../observability/thresholds.ts';
import type { Labels, Sample, Scenario, Series } from '../support/promtool.ts';
import { exporterSeries } from './exporterSeries.ts';
import { HARMLESS, OUTAGES } from './happenings.ts';
import type { Interval } from './heartbeats.ts';
import { newWorld, type Ringing, type World } from './world.ts';

/** Length of one piece of the simulation. Each one starts with an empty Prometheus. */
export const PIECE_SECONDS = 10 * 3_600;
/** After this time, the windows of the rules are filled. */
const FROM = 1_500;
/** Time between the end of one event and the next one. */
const REST = 300;
/** The longest event ends within this time. */
const LONGEST = 2_400;

/** A poll, a scrape and an evaluation, with a margin. No alert is expected to be faster. */
const SLACK = 15;
/** After an outage, an exporter may have to see a heartbeat change before it knows a skew of minutes. */
const SETTLING = 60;

export interface Piece {
  scenario: Scenario;
  world: World;
}

/** One piece of the simulation by seed and number: reproducible, and different from all others. */
export function simulatedPiece(seed: number, number: number): Piece {
  const world = newWorld(seed * 100_003 + number, PIECE_SECONDS);
  live(world);
  return { scenario: scenarioOf(world, `piece ${number} of seed ${seed}`), world };
}

/** A world as Prometheus sees it, and the expected result: no alert without a cause, and no cause without its alert. */
export function scenarioOf(world: World, name: string): Scenario {
  return {
    name,
    rules: 'liveness',
    seconds: world.seconds,
    series: { ...exporterSeries(world), ...expectations(world.ringing) },
    firing: [],
    records: [
      { record: 'verdict:false_alarm:time', expr: `time() * (${FALSE_ALARM})` },
      { record: 'verdict:missed:time', expr: `time() * (${MISSED})` },
    ],
    // Each returns the first second at which its condition held, by alert.
    nothing: ['false_alarm', 'missed'].map((verdict) => `min_over_time(verdict:${verdict}:time[${world.seconds}s])`),
  };
}

/** One of three events is an outage. */
function live(world: World): void {
  let at = FROM + 600 * world.random();
  while (at < world.seconds - LONGEST) {
    const kinds = world.random() < 1 / 3 ? OUTAGES : HARMLESS;
    const names = Object.keys(kinds);
    const name = names[Math.floor(names.length * world.random())]!;
    world.happenings.push({ at, name });
    at = kinds[name]!(world, at) + REST * (1 + 3 * world.random());
  }
}

/** Alerts that must fire, and those that may (while conditions change), as series for comparison in the same Prometheus. */
function expectations(ringing: readonly Ringing[]): Series {
  const must = new Map<string, Interval[]>();
  const may = new Map<string, Interval[]>();
  for (const { labels, from, to } of ringing) {
    const key = selector(labels);
    must.set(key, [...(must.get(key) ?? []), [from + SLACK, to]]);
    const keep = labels.alertname === 'RunbeatSchedulerDown' ? DEFAULT_THRESHOLDS.scheduler_down_keep : 0;
    may.set(key, [...(may.get(key) ?? []), [from - SLACK, to + SETTLING + keep]]);
  }
  const series = (name: string, intervals: Map<string, Interval[]>): [string, (second: number) => Sample][] =>
    [...intervals].map(([labels, within]) => [`${name}${labels}`, marks(within)]);
  return Object.fromEntries([...series('must_fire', must), ...series('may_fire', may)]);
}

/** 1 within the intervals and missing elsewhere, from the first evaluation on. */
function marks(intervals: readonly Interval[]): (second: number) => Sample {
  const isIn = (second: number): boolean => intervals.some(([from, to]) => second >= from && second < to);
  return (second) => (isIn(second) ? 1 : isIn(second - 5) ? 'stale' : null);
}

const SAME = 'on (alertname, source, scheduler)';
const FALSE_ALARM = `ALERTS{alertstate="firing"} unless ${SAME} may_fire`;
const MISSED = `must_fire unless ${SAME} ALERTS{alertstate="firing"}`;

function selector(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return `{${pairs.join(', ')}}`;
}
