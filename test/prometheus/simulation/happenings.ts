import { DEFAULT_THRESHOLDS } from '../../../observability/thresholds.ts';
import { FORGET_SECONDS, THRESHOLD_SECONDS, type Process } from './heartbeats.ts';
import { addProcess, endProcess, living, schedulerLabel, setClock, type World } from './world.ts';

/** An event at a certain time; returns the time at which everything is as before. */
type Script = (world: World, at: number) => number;

/** The time (with scrapes) after which a larger number of schedulers is normal, and that for a smaller one. */
const LEARNS_MORE = DEFAULT_THRESHOLDS.instance_normal_after;
const LEARNS_LESS = DEFAULT_THRESHOLDS.instance_memory;

const {
  no_data_after,
  instance_down_for,
  ready_task_age,
  ready_task_for,
  exporter_down_for,
  source_lag,
  source_lag_for,
} = DEFAULT_THRESHOLDS;

/** Events that occur everywhere and must not page anybody. */
export const HARMLESS: Record<string, Script> = {
  'an idle hour': (_, at) => at + 1_800,
  'a clean restart': (world, at) => {
    const back = at + between(world, 3, 15);
    for (const old of living(world, at)) replace(world, old, at, back, true);
    return back;
  },
  'a rolling deploy': (world, at) => {
    let turn = at;
    for (const old of living(world, at)) {
      replace(world, old, turn + between(world, 0, 20), turn, true);
      turn += between(world, 40, 120);
    }
    return turn;
  },
  'a deploy that starts the new beside the old and then kills them': (world, at) => {
    const end = at + between(world, 60, 300);
    for (const old of living(world, at)) replace(world, old, end, at, false);
    return end + FORGET_SECONDS;
  },
  'a killed scheduler that is replaced at once': (world, at) => {
    const back = at + between(world, 3, 15);
    replace(world, living(world, at)[0]!, at, back, false);
    return back + FORGET_SECONDS;
  },
  'one scheduler more, by choice': (world, at) => {
    if (world.size >= 4) return at;
    world.size += 1;
    addProcess(world, at);
    return at + LEARNS_MORE;
  },
  'one scheduler less, by choice': (world, at) => {
    if (world.size <= 1) return at;
    world.size -= 1;
    endProcess(living(world, at)[0]!, at, true);
    return at + LEARNS_LESS;
  },
  'a scrape that is not answered in time': (world, at) => {
    world.exporterGone.push([at, at + 5]);
    return at;
  },
  'an exporter that restarts': (world, at) => {
    const back = at + between(world, 5, 40);
    world.exporterGone.push([at, back]);
    return back;
  },
  'a database that fails over': (world, at) => {
    const back = at + between(world, 3, 45);
    world.databaseGone.push([at, back]);
    return back;
  },
  'a long garbage collection': (world, at) => {
    for (const process of living(world, at)) process.stops.push([at, at + between(world, 5, 17)]);
    return at + 20;
  },
  'clocks that are set': (world, at) => {
    for (const process of living(world, at)) setClock(world, process, at);
    return at + 60;
  },
  'a burst of work': (world, at) => {
    const end = at + between(world, 20, 55);
    world.bursts.push([at, end]);
    return end;
  },
};

/** Events that must page. */
export const OUTAGES: Record<string, Script> = {
  'every scheduler killed': (world, at) => {
    const back = at + between(world, 120, 1_320);
    for (const old of living(world, at)) replace(world, old, at, back, false);
    rings(world, 'RunbeatSchedulerDown', at + THRESHOLD_SECONDS, back);
    return back + FORGET_SECONDS;
  },
  'every scheduler stopped': (world, at) => {
    const back = at + between(world, 120, 720);
    for (const process of living(world, at)) process.stops.push([at, back]);
    rings(world, 'RunbeatSchedulerDown', at + THRESHOLD_SECONDS, back);
    return back + LEARNS_MORE;
  },
  'the exporter away': (world, at) => {
    const back = at + between(world, 150, 750);
    world.exporterGone.push([at, back]);
    rings(world, 'RunbeatSchedulerDown', at + no_data_after, back);
    rings(world, 'RunbeatExporterDown', at + exporter_down_for, back, {});
    return back + LEARNS_MORE;
  },
  'the database away': (world, at) => {
    const back = at + between(world, 150, 750);
    world.databaseGone.push([at, back]);
    rings(world, 'RunbeatSchedulerDown', at + no_data_after, back);
    rings(world, 'RunbeatSourceUnreachable', at + no_data_after, back);
    return back + LEARNS_MORE;
  },
  'one of several killed and not replaced for long': (world, at) => {
    if (living(world, at).length < 2) return OUTAGES['every scheduler killed']!(world, at);
    const back = at + between(world, 900, 1_500);
    const victim = living(world, at)[0]!;
    replace(world, victim, at, back, false);
    // The exporter drops the row some time after its last heartbeat, which may be half a minute before its death.
    isMissed(world, victim, at, at + FORGET_SECONDS - 30);
    return back + LEARNS_MORE;
  },
  'one of several killed and replaced in a while': (world, at) => {
    if (living(world, at).length < 2) return OUTAGES['every scheduler stopped']!(world, at);
    const back = at + between(world, 240, 500);
    const victim = living(world, at)[0]!;
    replace(world, victim, at, back, false);
    isMissed(world, victim, at, back);
    return at + FORGET_SECONDS + LEARNS_MORE;
  },
  'a loop that beats without scheduling': (world, at) => {
    const end = at + between(world, 150, 750);
    world.stalled.push([at, end]);
    rings(world, 'RunbeatSchedulingStalled', at + ready_task_age + ready_task_for, end);
    return end;
  },
  'an exporter that falls behind': (world, at) => {
    const end = at + between(world, 300, 900);
    world.lagging.push([at, end]);
    rings(world, 'RunbeatExporterLagging', at + source_lag + source_lag_for, end);
    return end;
  },
};

function between(world: World, least: number, most: number): number {
  return least + (most - least) * world.random();
}

function replace(world: World, old: Process, end: number, start: number, clean: boolean): void {
  endProcess(old, end, clean);
  addProcess(world, start);
}

function rings(world: World, alertname: string, from: number, to: number, labels: object = { source: 'main' }): void {
  world.ringing.push({ labels: { alertname, ...labels }, from, to });
}

function isMissed(world: World, victim: Process, at: number, to: number): void {
  const labels = { source: 'main', scheduler: schedulerLabel(victim) };
  rings(world, 'RunbeatSchedulerInstanceDown', at + THRESHOLD_SECONDS + instance_down_for, to, labels);
}
