import type { ComponentLife } from '../flow/components.ts';
import type { SchedulerLife } from '../flow/liveness.ts';
import type { OutageInterval } from '../flow/outages.ts';
import { WaitBook } from '../flow/waiting/book.ts';
import type {
  BackfillRow,
  DagRow,
  DueRow,
  ImportErrorRow,
  Listed,
  Micros,
  PoolRow,
  UnparsedRow,
} from '../sources/rows.ts';
import type { TrackedRun } from './trackedRun.ts';

/** Problems that someone must fix. A field is null if it can't be read. */
export interface Upkeep {
  importErrors: Listed<ImportErrorRow> | null;
  /** Deferred task instances that no live triggerer serves. */
  deferredUnserved: number | null;
  /** DAGs that are no longer parsed. */
  unparsed: Listed<UnparsedRow> | null;
}

export const NOT_READ: Upkeep = { importErrors: null, deferredUnserved: null, unparsed: null };

/** What the collectors have found out about one source. One collector writes each field, and several read it. */
export interface SourceFacts {
  /** By `schedulers`. */
  lives: readonly SchedulerLife[];
  /** By `schedulers`: the newest heartbeat on the source's clock; null where there was none. */
  newestBeatUs: Micros | null;
  /** By `schedulers`: outages according to the rows of the schedulers, oldest first. */
  outagesFound: readonly OutageInterval[];
  /** By `outages`: the most recent recorded outages, oldest first. */
  outages: readonly OutageInterval[];
  /** By `outages`: start times of outages that are not counted yet. */
  outagesUncounted: readonly Micros[];
  /** By `schedulers`: the largest clock skew of any scheduler, as its clock minus the database's. */
  schedulerSkewUs: Micros;
  /** By `schedulers`: by how much timestamps of runs may be too early, because the clock of a scheduler is behind. */
  stampsBehindUs: Micros;
  /** By `components`: triggerers and DAG processors; null before they were read. */
  components: readonly ComponentLife[] | null;
  /** By `upkeep`. */
  upkeep: Upkeep;
  /** By `dags`. */
  dags: ReadonlyMap<string, DagRow>;
  /** By `dags`. */
  pools: ReadonlyMap<string, PoolRow>;
  /** By `runs`: the moment of its last snapshot; null before the first. */
  runsAtUs: Micros | null;
  /** By `runs`: all changes up to this moment have been read; null before the first poll. */
  readUntilUs: Micros | null;
  /** By `runs`: runs that have ended since its last snapshot. */
  endedRuns: readonly TrackedRun[];
  /** By `runs`: DAGs whose next scheduled run is due. */
  due: readonly DueRow[];
  /** By `runs`: unfinished backfills by id; null where they can't be read. */
  backfills: ReadonlyMap<number, BackfillRow> | null;
  /** By `runs`: callbacks that use a slot of an executor. */
  executorCallbacks: number;
  /** By `readiness`: why each unfinished run and task instance waits. */
  waits: WaitBook;
}

export function noFacts(): SourceFacts {
  return {
    lives: [],
    newestBeatUs: null,
    outagesFound: [],
    outages: [],
    outagesUncounted: [],
    schedulerSkewUs: 0,
    stampsBehindUs: 0,
    components: null,
    upkeep: NOT_READ,
    dags: new Map(),
    pools: new Map(),
    runsAtUs: null,
    readUntilUs: null,
    endedRuns: [],
    due: [],
    backfills: new Map(),
    executorCallbacks: 0,
    waits: new WaitBook(),
  };
}
