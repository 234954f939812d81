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

/** Null is what can't be read. */
export interface Upkeep {
  importErrors: Listed<ImportErrorRow> | null;
  /** Deferred task instances that no live triggerer serves. */
  deferredUnserved: number | null;
  /** DAGs that are not parsed any more. */
  unparsed: Listed<UnparsedRow> | null;
}

export const NOT_READ: Upkeep = { importErrors: null, deferredUnserved: null, unparsed: null };

/** What collectors have found out about one source. Each field is written by one collector and read by many. */
export interface SourceFacts {
  /** By `schedulers`. */
  lives: readonly SchedulerLife[];
  /** By `schedulers`: the newest heartbeat on the source's clock; null where there was none. */
  newestBeatUs: Micros | null;
  /** By `schedulers`: outages that the rows of the schedulers show, oldest first. */
  outagesFound: readonly OutageInterval[];
  /** By `outages`: the newest outages that are on record, oldest first. */
  outages: readonly OutageInterval[];
  /** By `outages`: beginnings of outages that are not in the counter yet. */
  outagesUncounted: readonly Micros[];
  /** By `schedulers`: the clock of the scheduler that is furthest off minus the database's. */
  schedulerSkewUs: Micros;
  /** By `schedulers`: by how much the stamps of runs may be too early, since a scheduler that writes them has a clock that is behind. */
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
  /** By `readiness`: why everything unfinished waits. */
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
    waits: new WaitBook(),
  };
}
