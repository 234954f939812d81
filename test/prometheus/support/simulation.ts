import { judged, randomness, THRESHOLD_SECONDS, type Process } from './heartbeats.ts';
import type { Sample, Scenario, Series } from './promtool.ts';

/** Length of one piece of the simulation; each starts on an empty Prometheus. */
export const PIECE_SECONDS = 2 * 3_600;
/** The first minutes give every window something to look back on. */
const FROM = 1_200;
const UNTIL = PIECE_SECONDS - 600;

/** Something that happens to the schedulers or to what watches them, and what it must ring, from when to when. */
interface Happening {
  name: string;
  rings?: { alert: string; from: number; to: number };
}

interface World {
  random: () => number;
  processes: Process[];
  exporterGone: [number, number][];
  databaseGone: [number, number][];
  stalled: [number, number] | null;
}

type Script = (world: World, at: number) => Happening;

/** What every operator sees now and then and nobody wants to be woken for. */
const HARMLESS: Record<string, Script> = {
  'an idle night': () => ({ name: 'an idle night' }),
  'a clean restart': (world, at) => {
    const gap = 3 + 12 * world.random();
    for (const old of world.processes.filter(lives(at))) replace(world, old, at, at + gap, true);
    return { name: 'a clean restart' };
  },
  'a rolling deploy': (world, at) => {
    world.processes.filter(lives(at)).forEach((old, index) => {
      const turn = at + index * (60 + 60 * world.random());
      replace(world, old, turn + 20 * world.random(), turn, true);
    });
    return { name: 'a rolling deploy' };
  },
  'a killed scheduler that is replaced at once': (world, at) => {
    replace(world, world.processes.find(lives(at))!, at, at + 3 + 12 * world.random(), false);
    return { name: 'a killed scheduler that is replaced at once' };
  },
  'an exporter that restarts': (world, at) => {
    world.exporterGone.push([at, at + 5 + 35 * world.random()]);
    return { name: 'an exporter that restarts' };
  },
  'a database that fails over': (world, at) => {
    world.databaseGone.push([at, at + 3 + 15 * world.random()]);
    return { name: 'a database that fails over' };
  },
  'a long garbage collection': (world, at) => {
    for (const process of world.processes.filter(lives(at))) process.stops.push([at, at + 5 + 12 * world.random()]);
    return { name: 'a long garbage collection' };
  },
};

/** What must ring: from so many seconds after it began, until it ends. */
const OUTAGES: Record<string, Script> = {
  'every scheduler killed': (world, at) => {
    const back = at + 120 + 1_200 * world.random();
    for (const old of world.processes.filter(lives(at))) replace(world, old, at, back, false);
    return rings('every scheduler killed', 'RunbeatSchedulerDown', at + THRESHOLD_SECONDS, back);
  },
  'every scheduler stopped': (world, at) => {
    const back = at + 120 + 600 * world.random();
    for (const process of world.processes.filter(lives(at))) process.stops.push([at, back]);
    return rings('every scheduler stopped', 'RunbeatSchedulerDown', at + THRESHOLD_SECONDS, back);
  },
  'the exporter away': (world, at) => {
    const back = at + 150 + 600 * world.random();
    world.exporterGone.push([at, back]);
    return rings('the exporter away', 'RunbeatSchedulerDown', at + 60, back);
  },
  'the database away': (world, at) => {
    const back = at + 150 + 600 * world.random();
    world.databaseGone.push([at, back]);
    return rings('the database away', 'RunbeatSchedulerDown', at + 60, back);
  },
  'one of two killed and not replaced': (world, at) => {
    const [first, second] = world.processes.filter(lives(at));
    const victim = second ?? first!;
    if (!second) world.processes.push(fresh(world, at - 900));
    victim.end = at;
    victim.clean = false;
    // The exporter forgets the row ten minutes after its last heartbeat.
    return rings('one of two killed', 'RunbeatSchedulerInstanceDown', at + THRESHOLD_SECONDS + 120, at + 575);
  },
  'a loop that beats without scheduling': (world, at) => {
    const end = at + 150 + 600 * world.random();
    world.stalled = [at, end];
    return rings('a loop that beats', 'RunbeatSchedulingStalled', at + 60 + 30, end);
  },
};

/** One piece of the simulation by its number: reproducible, and different from every other. */
export function simulatedPiece(number: number): Scenario & { happening: Happening } {
  const random = randomness(number + 1);
  const world: World = { random, processes: [], exporterGone: [], databaseGone: [], stalled: null };
  const schedulers = random() < 0.5 ? 1 : 2;
  for (let index = 0; index < schedulers; index += 1) world.processes.push(fresh(world, -600 * random() - 60));
  world.processes.push(...longDead(world));
  const happening = happen(world, number);
  const { seconds, series } = { seconds: PIECE_SECONDS, series: seriesOf(world, random) };
  return {
    name: `${number}: ${happening.name}`,
    rules: 'liveness',
    seconds,
    series,
    firing: expectations(happening),
    happening,
  };
}

/** Two of three pieces hold several harmless things, the third an outage. */
function happen(world: World, number: number): Happening {
  const outages = Object.values(OUTAGES);
  const harmless = Object.values(HARMLESS);
  const middle = FROM + (UNTIL - FROM - 1_500) * world.random();
  if (number % 3 === 2) return outages[Math.floor(number / 3) % outages.length]!(world, middle);
  const moments = [0.1, 0.4, 0.7].map((part) => FROM + (UNTIL - FROM) * (part + 0.15 * world.random()));
  const names = moments.map((at, index) => harmless[(number + index * 3) % harmless.length]!(world, at).name);
  return { name: names.join(', ') };
}

/** Prometheus may take three scrapes and evaluations, and the exporter two polls, to notice either way. */
const SLACK = 15;

function expectations({ rings: ringing }: Happening): Scenario['firing'] {
  const alerts = ['RunbeatSchedulerDown', 'RunbeatSchedulerInstanceDown', 'RunbeatSchedulingStalled'];
  const moments = Array.from({ length: PIECE_SECONDS / 30 - 1 }, (_, index) => (index + 1) * 30);
  return moments.flatMap((at) =>
    alerts.flatMap((alert) => {
      if (ringing?.alert !== alert) return [{ at, alert, labels: [] }];
      if (at >= ringing.from + SLACK && at < ringing.to) return [{ at, alert, labels: [{ source: 'main' }] }];
      // What is on its way up or down is neither wanted nor unwanted.
      const unsettled = at >= ringing.from - SLACK && at < ringing.to + 4 * SLACK;
      return unsettled ? [] : [{ at, alert, labels: [] }];
    }),
  );
}

/** The exporter's series, out of its own judgement of the heartbeats. */
function seriesOf(world: World, random: () => number): Series {
  const lifeAt = judged(
    world.processes,
    {
      seconds: PIECE_SECONDS,
      pollSeconds: 2.5,
      stampedByDatabase: random() < 0.5,
      exporterStarts: world.exporterGone.map(([, to]) => to),
    },
    random,
  );
  const within = (intervals: [number, number][], second: number): boolean =>
    intervals.some(([from, to]) => second >= from && second < to);
  const scraped = (value: (second: number) => Sample) => (second: number) =>
    within(world.exporterGone, second) ? ('stale' as const) : value(second);
  const read = (value: (second: number) => Sample) =>
    scraped((second) => (within(world.databaseGone, second) ? 'stale' : value(second)));
  const at = 'source="main", job="runbeat", instance="e:1"';
  const series: Series = {
    'up{job="runbeat", instance="e:1"}': (second) => (within(world.exporterGone, second) ? 0 : 1),
    [`runbeat_source_up{${at}}`]: scraped((second) => (within(world.databaseGone, second) ? 0 : 1)),
    [`runbeat_source_lag_seconds{${at}}`]: scraped(() => 2),
    [`runbeat_oldest_ready_task_age_seconds{${at}}`]: read((second) =>
      world.stalled && second >= world.stalled[0] && second < world.stalled[1] ? second - world.stalled[0] : second % 4,
    ),
    [`runbeat_schedulers_alive{${at}}`]: read((second) => lifeAt(second).filter(({ alive }) => alive).length),
  };
  for (const { id } of world.processes) {
    series[`runbeat_scheduler_heartbeat_age_seconds{scheduler="host:${id}", ${at}}`] = read((second) => {
      const life = lifeAt(second).find(({ job_id }) => job_id === id);
      return life ? Math.round(life.age_us / 1e6) : 'stale';
    });
    series[`runbeat_scheduler_alive{scheduler="host:${id}", ${at}}`] = read((second) => {
      const life = lifeAt(second).find(({ job_id }) => job_id === id);
      return life ? Number(life.alive) : 'stale';
    });
  }
  return series;
}

function lives(at: number): (process: Process) => boolean {
  return ({ start, end }) => start <= at && at < end;
}

function replace(world: World, old: Process, end: number, start: number, clean: boolean): void {
  old.end = end;
  old.clean = clean;
  world.processes.push(fresh(world, start));
}

let ids = 0;
function fresh(world: World, start: number): Process {
  return { id: (ids += 1), start, end: Infinity, clean: true, skewSeconds: skew(world.random), stops: [] };
}

/** Rows of schedulers that were killed before the exporter's time; they say `running` for ever. */
function longDead(world: World): Process[] {
  return Array.from({ length: Math.floor(3 * world.random()) }, () => {
    const start = -90_000 - 1_000 * world.random();
    return { ...fresh(world, start), end: start + 100, clean: false };
  });
}

/** Most clocks are right to a fraction of a second; some are minutes off, in both directions. */
function skew(random: () => number): number {
  const size = random() < 0.5 ? 0.2 : 300;
  return (2 * random() - 1) * size;
}

function rings(name: string, alert: string, from: number, to: number): Happening {
  return { name, rings: { alert, from, to } };
}
