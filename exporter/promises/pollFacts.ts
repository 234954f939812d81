import type { Micros, RunKeys, RunRow, TaskRow } from '../sources/rows.ts';

/** The facts of a poll that promises are judged by. */
export interface PollFacts {
  /** The moment of the snapshot. */
  nowUs: Micros;
  /** The earliest timestamp that a run that ends now may get, because the clocks of schedulers differ. */
  stampedUs: Micros;
  /** All changes up to this moment have been read. */
  readUntilUs: Micros;
  /** Runs that have ended since the last poll. */
  settled: readonly SettledRun[];
  /** Runs that were created since the last poll, some of which have ended. */
  created: readonly { run: RunRow; keys: Keys }[];
  /** Runs that the source deleted while they were active. */
  deleted: readonly number[];
  active: Iterable<{ run: RunRow; tasks: ReadonlyMap<string, TaskRow> }>;
  /** Runs below this moment may be missing from `recent` of a DAG; −Infinity once the history is read. */
  historyFromUs: Micros;
}

/** Values by business key. */
type Keys = RunKeys['keys'];

export interface SettledRun {
  run: RunRow;
  /** Null if they are not known. */
  keys: Keys | null;
  tasks: readonly TaskRow[];
  /** False for a run that had ended before and was run again, or whose end was written twice. */
  isFirstEnd: boolean;
}

/** What ended up to this moment has been read: later ends may still be stamped or read. */
export function knownUntil({ readUntilUs, stampedUs }: PollFacts): Micros {
  return Math.min(readUntilUs, stampedUs);
}

/** Runs that have succeeded since the last poll. */
export function succeeded({ settled }: PollFacts): SettledRun[] {
  return settled.filter(({ run }) => run.state === 'success' && run.end_us !== null);
}
