import type { Pass } from './judge.ts';

/** As Airflow 3 writes it, and as Airflow 2 does: when the pass ended, and how long it took. */
const RAN = /^\[?(\S+?)\]? .*Ran scheduling loop in ([\d.]+) (ms|seconds)/;
/** It queued nothing, because another scheduler was doing so. */
const TURNED_AWAY = /Critical section lock held by another Scheduler/;

/** The whole passes of a scheduler that logs at level debug, the oldest first. */
export function passesIn(log: string, scheduler: string): Pass[] {
  const passes: Pass[] = [];
  let turnedAway = false;
  for (const line of log.split('\n')) {
    if (TURNED_AWAY.test(line)) turnedAway = true;
    const ran = RAN.exec(line);
    if (!ran) continue;
    const to = Date.parse(ran[1]!);
    if (!turnedAway) passes.push({ scheduler, from: to - Number(ran[2]) * (ran[3] === 'ms' ? 1 : 1_000), to });
    turnedAway = false;
  }
  return passes;
}

/** Seconds that passes took: the middle one, the 90th of a hundred, and the longest. */
export function durations(passes: readonly Pass[]): { p50: number; p90: number; max: number } | null {
  if (passes.length === 0) return null;
  const seconds = passes.map(({ from, to }) => (to - from) / 1_000).sort((a, b) => a - b);
  const at = (share: number): number => Number(seconds[Math.floor((seconds.length - 1) * share)]!.toFixed(2));
  return { p50: at(0.5), p90: at(0.9), max: at(1) };
}
