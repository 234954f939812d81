import type { Pass } from './judge.ts';

/** The line that Airflow 2 and 3 log at the end of a pass, with its duration. */
const RAN = /^\[?(\S+?)\]? .*Ran scheduling loop in ([\d.]+) (ms|seconds)/;
/** The pass queued nothing, because another scheduler was queuing tasks. */
const TURNED_AWAY = /Critical section lock held by another Scheduler/;

/** The complete passes of a scheduler that logs at level debug, oldest first. */
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

/** Durations of passes in seconds: median, 90th percentile and maximum. */
export function durations(passes: readonly Pass[]): { p50: number; p90: number; max: number } | null {
  if (passes.length === 0) return null;
  const seconds = passes.map(({ from, to }) => (to - from) / 1_000).sort((a, b) => a - b);
  const at = (share: number): number => Number(seconds[Math.floor((seconds.length - 1) * share)]!.toFixed(2));
  return { p50: at(0.5), p90: at(0.9), max: at(1) };
}
