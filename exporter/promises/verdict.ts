import type { Micros } from '../sources/rows.ts';
import type { Day } from './calendar.ts';

/** Whether a promise was kept, once for each run, journey, day or success. */
export interface Verdict {
  kept: boolean;
  /** When it was decided: at the end or start in time, or when the limit had passed. */
  atUs: Micros;
  /** dag_run.id; null if the verdict is not about a single run. */
  run: number | null;
  day: Day | null;
}
