import { judgeSchedulers, type SchedulerLife } from '../../../exporter/flow/liveness.ts';
import { SkewMeter } from '../../../exporter/flow/skewMeter.ts';
import type { SchedulerRow } from '../../../exporter/sources/rows.ts';

const SECOND = 1_000_000;
const BEAT_SECONDS = 5;
const POLL_SECONDS = 2;
export const THRESHOLD_SECONDS = 30;
/** The exporter's RUNBEAT_SCHEDULER_FORGET. */
export const FORGET_SECONDS = 600;

/** From and to, in seconds of the simulation. */
export type Interval = readonly [from: number, to: number];

export function isWithin(intervals: readonly Interval[], second: number): boolean {
  return intervals.some(([from, to]) => second >= from && second < to);
}

/** Numbers from 0 to 1, reproducible for the same seed (mulberry32, public domain). */
export function randomness(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What one scheduler process really did, in seconds of the simulation. */
export interface Process {
  id: number;
  start: number;
  end: number;
  /** Whether it was killed. Its row then keeps the state `running`. */
  clean: boolean;
  /** Its clock minus the database's, from each of these times on. The first one is its start. */
  clock: { from: number; skewSeconds: number }[];
  /** Intervals in which it was suspended (SIGSTOP, a long garbage collection). */
  stops: Interval[];
}

/** Times of the heartbeats of a process: slightly more than every five seconds, with occasional garbage collection pauses. */
function beatsOf(process: Process, options: HeartbeatOptions, random: () => number): number[] {
  const beats: number[] = [];
  let at = process.start;
  while (at < Math.min(process.end, options.seconds)) {
    const stop = process.stops.find(([from, to]) => at >= from && at < to);
    if (stop) at = stop[1];
    else {
      // No process can write one while the database is down.
      if (!isWithin(options.databaseGone, at)) beats.push(at);
      at += BEAT_SECONDS + 2 * random() + (random() < 0.005 ? 5 + 12 * random() : 0);
    }
  }
  return beats;
}

export interface HeartbeatOptions {
  seconds: number;
  /** Whether the database stamps heartbeats (the bundled scheduler) or each scheduler does (Airflow). */
  stampedByDatabase: boolean;
  databaseGone: readonly Interval[];
  /** Times at which the exporter restarts and has to measure every clock again. */
  exporterStarts: readonly number[];
}

/** What the exporter knew at one of its polls. */
export interface Judgement {
  at: number;
  lives: SchedulerLife[];
}

/**
 * What the exporter's own liveness code reports about these processes at each poll, from the rows that they write. Returns a
 * function from a second to the result of the last poll that could read the database.
 */
export function judged(
  processes: readonly Process[],
  options: HeartbeatOptions,
  random: () => number,
): (second: number) => Judgement {
  const written = processes.map((process) => ({ process, beats: beatsOf(process, options, random), next: 0 }));
  const rules = { thresholdUs: THRESHOLD_SECONDS * SECOND, forgetUs: FORGET_SECONDS * SECOND };
  const starts = [...options.exporterStarts].sort((a, b) => a - b);
  let meter = new SkewMeter();
  const bySecond: Judgement[] = [];
  let last: Judgement = { at: 0, lives: [] };
  for (const now of polls(options.seconds, random)) {
    while (bySecond.length < now) bySecond.push(last);
    if (starts.length > 0 && starts[0]! <= now) {
      starts.shift();
      meter = new SkewMeter();
    }
    if (isWithin(options.databaseGone, now)) continue;
    const rows: SchedulerRow[] = [];
    for (const entry of written) {
      while (entry.next < entry.beats.length && entry.beats[entry.next]! <= now) entry.next += 1;
      if (entry.next > 0) rows.push(rowOf(entry.process, entry.beats[entry.next - 1]!, now, options));
    }
    meter.observe(rows, now * SECOND);
    const skewOf = (row: SchedulerRow): number => meter.skewOf(row, POLL_SECONDS * SECOND);
    const sinceMoved = (row: SchedulerRow): number | null => meter.sinceMoved(row, now * SECOND);
    last = { at: now, lives: judgeSchedulers(rows, now * SECOND, rules, skewOf, sinceMoved) };
  }
  return (second) => bySecond[Math.min(second, bySecond.length - 1)]!;
}

/** Slightly more than every two seconds, with an occasional poll during which the database is slow. */
function* polls(seconds: number, random: () => number): Generator<number> {
  for (let now = 0; now <= seconds + POLL_SECONDS;) {
    yield now;
    now += POLL_SECONDS + 0.5 * random() + (random() < 0.01 ? 5 * random() : 0);
  }
}

function rowOf(process: Process, beat: number, now: number, { stampedByDatabase }: HeartbeatOptions): SchedulerRow {
  const gone = process.clean && now >= process.end;
  const { skewSeconds } = process.clock.findLast(({ from }) => from <= beat)!;
  const skewUs = Math.round(skewSeconds * SECOND);
  return {
    job_id: process.id,
    hostname: 'host',
    lane: null,
    state: gone ? 'success' : 'running',
    start_us: Math.round(process.start * SECOND),
    heartbeat_us: Math.round(beat * SECOND) + (stampedByDatabase ? 0 : skewUs),
    end_us: gone ? Math.round(process.end * SECOND) : null,
    skew_us: stampedByDatabase ? skewUs : null,
    read_us: now * SECOND,
  };
}
