import type { Labels } from '../support/promtool.ts';
import { randomness, type Interval, type Process } from './heartbeats.ts';

/** An alert that must fire at every evaluation from a while after `from` until `to`. */
export interface Ringing {
  labels: Labels;
  from: number;
  to: number;
}

/** What really happened, which only the simulation knows; times are in seconds from its start. */
export interface World {
  random: () => number;
  seconds: number;
  /** How many schedulers its operators intend to run. */
  size: number;
  processes: Process[];
  exporterGone: Interval[];
  databaseGone: Interval[];
  /** Intervals in which schedulers send heartbeats but schedule nothing. */
  stalled: Interval[];
  /** Intervals with a burst of work, which the schedulers finish slightly later. */
  bursts: Interval[];
  /** Intervals in which the exporter serves old values. */
  lagging: Interval[];
  ringing: Ringing[];
  /** The events, in order. */
  happenings: { at: number; name: string }[];
}

/** A healthy world, with rows of schedulers that were killed before the exporter started and stay `running`. */
export function newWorld(seed: number, seconds: number): World {
  const random = randomness(seed);
  const size = 1 + Math.floor(3 * random());
  const world: World = {
    random,
    seconds,
    size,
    processes: [],
    exporterGone: [],
    databaseGone: [],
    stalled: [],
    bursts: [],
    lagging: [],
    ringing: [],
    happenings: [],
  };
  for (let index = 0; index < size; index += 1) addProcess(world, -600 * random() - 60);
  for (let index = 0; index < Math.floor(3 * random()); index += 1) {
    const dead = addProcess(world, -90_000 - 1_000 * random());
    dead.end = dead.start + 100;
    dead.clean = false;
  }
  return world;
}

export function living(world: World, at: number): Process[] {
  return world.processes.filter(({ start, end }) => start <= at && at < end);
}

export function addProcess(world: World, start: number): Process {
  const process: Process = {
    id: world.processes.length + 1,
    start,
    end: Infinity,
    clean: true,
    clock: [{ from: start, skewSeconds: skew(world.random) }],
    stops: [],
  };
  world.processes.push(process);
  return process;
}

export function endProcess(process: Process, end: number, clean: boolean): void {
  process.end = end;
  process.clean = clean;
}

/** A person or a daemon changes its clock. */
export function setClock(world: World, process: Process, at: number): void {
  process.clock.push({ from: at, skewSeconds: skew(world.random) });
}

/** Most clocks are right to a fraction of a second. Some are minutes ahead or behind. */
function skew(random: () => number): number {
  const size = random() < 0.5 ? 0.2 : 300;
  return (2 * random() - 1) * size;
}

export function schedulerLabel({ id }: Process): string {
  return `host:${id}`;
}
