import type { Micros } from '../sources/rows.ts';
import type { Day } from './calendar.ts';

/** Whether a promise was kept, once for each run, day or success that it is about. */
export interface Verdict {
  kept: boolean;
  /** When it was decided: the end or start in time, or the moment that the time was up. */
  atUs: Micros;
  /** dag_run.id; null where no single run is to blame. */
  run: number | null;
  day: Day | null;
}
