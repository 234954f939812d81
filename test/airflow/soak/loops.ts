import { readFileSync } from 'node:fs';

/** One pass of Airflow's scheduler; moments are milliseconds since 1970. */
interface Loop {
  from: number;
  to: number;
}

/** As Airflow 3 writes it, and as Airflow 2 does. */
const RAN = /^\[?(\S+?)\]? .*Ran scheduling loop in ([\d.]+) (ms|seconds)/gm;

/** The passes of a scheduler that logs at level debug, the oldest first. */
export function loopsIn(logFile: string): Loop[] {
  return [...readFileSync(logFile, 'utf8').matchAll(RAN)].map(([, ended, took, unit]) => {
    const to = Date.parse(ended!);
    return { from: to - Number(took) * (unit === 'ms' ? 1 : 1_000), to };
  });
}

/** Whether the scheduler made a whole pass in this time: then it could have acted. Before its first one nobody can tell. */
export function hadWholeLoop(loops: readonly Loop[], from: number, to: number): boolean {
  return loops.length === 0 || loops.some((loop) => loop.from >= from && loop.to <= to);
}

/** Seconds that passes took: the middle one, the 90th of a hundred, and the longest. */
export function durations(loops: readonly Loop[]): { p50: number; p90: number; max: number } | null {
  if (loops.length === 0) return null;
  const seconds = loops.map(({ from, to }) => (to - from) / 1_000).sort((a, b) => a - b);
  const at = (share: number): number => Number(seconds[Math.floor((seconds.length - 1) * share)]!.toFixed(2));
  return { p50: at(0.5), p90: at(0.9), max: at(1) };
}
