import { DAG_RUN_STATES, isFinishedRun } from '../../shared/states.ts';
import type { Observation } from '../flow/observations.ts';
import { delayOf, type OutageInterval } from '../flow/outages.ts';
import type { Delta, EmittedTask, Gap, IndexedRun, Progress } from '../index/rows.ts';
import type { KeyedRunRow, Micros, RunKeys, RunRow, Snapshot, TaskRow } from '../sources/rows.ts';
import type { StructureRef } from '../sources/structure.ts';
import type { SourceFacts } from './facts.ts';
import { countedUntil, slowestTransition, type StructureOf, type TrackedRun } from './trackedRun.ts';

/** What one poll has found and not stored yet. */
export interface Work {
  progress: Progress & { read_until_us: Micros };
  caughtUp: boolean;
  observations: Observation[];
  emitted: EmittedTask[];
  /** Runs that were created since the last poll. */
  created: KeyedRunRow[];
  entered: { run: RunRow; keys: RunKeys | null }[];
  /** Runs that have ended. `isFirstEnd`: for the first time. */
  settled: { tracked: TrackedRun; keys: RunKeys | null; isFirstEnd: boolean }[];
  deleted: number[];
  /** All active runs, as they will be after this is stored. */
  active: Map<number, TrackedRun>;
}

export function emptyWork(
  snapshot: Snapshot,
  progress: Progress & { gaps: Gap[] },
  active: ReadonlyMap<number, TrackedRun>,
): Work {
  return {
    progress: {
      ...progress,
      database_oid: snapshot.database_oid,
      snapshot_xmax: snapshot.xmax,
      read_until_us: snapshot.now_us,
    },
    caughtUp: true,
    observations: [],
    emitted: [],
    created: [],
    entered: [],
    settled: [],
    deleted: [],
    active: new Map(active),
  };
}

/** Whether this end of a run is already counted, or belongs to the history. */
export function isKnownEnd(run: RunRow, indexed: IndexedRun | null, baseline: Micros | null): boolean {
  if (!indexed || !isFinishedRun(indexed.state)) return !indexed && baseline !== null && (run.end_us ?? 0) <= baseline;
  return indexed.end_us === run.end_us || isSameRound(run, indexed);
}

/** Whether the run was not cleared in between, so that the same end was written a second time. */
function isSameRound(run: RunRow, indexed: IndexedRun): boolean {
  const { state, start_us, clear_number } = indexed;
  return run.start_us !== null && run.state === state && run.start_us === start_us && run.clear_number === clear_number;
}

export function countRefused(run: KeyedRunRow, work: Work): void {
  work.observations.push(...observeRefused(run));
}

/** Notes a run that is not in the index. `baseline` is null if the run was created after the source was first seen. */
export function noteNew(run: KeyedRunRow, baseline: Micros | null, work: Work): void {
  countRefused(run, work);
  if (baseline === null) work.created.push(run);
}

/** Counts the parts of a run's conf that can't be looked up. Most runs have none, so they share one empty list. */
export function observeRefused({ refused, leftOut }: KeyedRunRow): readonly Observation[] {
  if (refused === null && leftOut.length === 0) return NO_OBSERVATIONS;
  return [
    ...(refused === null ? [] : [{ metric: 'confRefused' as const, labels: [refused], us: null }]),
    ...leftOut.map(({ key, reason }) => ({ metric: 'keyValuesLeftOut' as const, labels: [key, reason], us: null })),
  ];
}
const NO_OBSERVATIONS: readonly Observation[] = [];

/** Airflow does not restrict this column: it may contain anything, or be empty. */
export function hasState(run: RunRow): boolean {
  return DAG_RUN_STATES.includes(run.state);
}

/** When the run was requested. */
export function momentOf(run: Pick<RunRow, 'queued_us' | 'start_us' | 'logical_us'>): Micros {
  return run.queued_us ?? run.start_us ?? run.logical_us ?? 0;
}

export function hasMoved(before: RunRow, now: RunRow): boolean {
  return before.state !== now.state || before.start_us !== now.start_us || before.clear_number !== now.clear_number;
}

/** Written out instead of using a spread: this runs once for every run of a history of millions. */
export function indexedRun(run: RunRow, keys: RunKeys | null): IndexedRun {
  return {
    id: run.id,
    dag_id: run.dag_id,
    run_id: run.run_id,
    run_type: run.run_type,
    state: run.state,
    clear_number: run.clear_number,
    logical_us: run.logical_us,
    queued_us: run.queued_us,
    start_us: run.start_us,
    end_us: run.end_us,
    counted_us: null,
    tasks_total: null,
    slowest_us: null,
    keys: keys === null ? null : keys.keys,
  };
}

export function refOf(task: Pick<TaskRow, 'version'> | null, run: RunRow): StructureRef {
  return { dag_id: run.dag_id, version: task?.version ?? run.version };
}

export function* refsOf(
  runs: readonly RunRow[],
  tasks: ReadonlyMap<number, readonly TaskRow[]>,
): Iterable<StructureRef> {
  for (const run of runs) {
    yield refOf(null, run);
    for (const task of tasks.get(run.id) ?? []) if (task.version) yield refOf(task, run);
  }
}

/** The part of a poll's work that is stored, except for counters. */
export function deltaOf(
  work: Work,
  { outages, dags }: Pick<SourceFacts, 'outages' | 'dags'>,
  structureOf: StructureOf,
): Omit<Delta, 'series' | 'promises' | 'rings' | 'countedOutages'> {
  const settled = new Set(work.settled.map(({ tracked }) => tracked.run.id));
  return {
    progress: work.progress,
    runs: [
      ...work.entered.map(({ run, keys }) => indexedRun(run, keys)),
      ...work.settled.map(({ tracked, keys }) => settledRun(tracked, keys, structureOf)),
    ],
    deletedRuns: work.deleted,
    emitted: work.emitted.filter((task) => !settled.has(task.run)),
    settledRuns: [...settled],
    // No scheduler could have scheduled a run of a removed DAG.
    outageRuns: work.settled.flatMap(({ tracked }) => (dags.has(tracked.run.dag_id) ? delaysOf(tracked, outages) : [])),
  };
}

function settledRun(tracked: TrackedRun, keys: RunKeys | null, structureOf: StructureOf): IndexedRun {
  const run = indexedRun(tracked.run, keys);
  if (tracked.tasks.size === 0) return run;
  const slowest = slowestTransition(tracked, structureOf);
  return { ...run, counted_us: countedUntil(tracked), tasks_total: tracked.tasks.size, slowest_us: slowest };
}

function delaysOf(tracked: TrackedRun, outages: readonly OutageInterval[]): Delta['outageRuns'] {
  // Without task instances, there is no telling waiting from working.
  if (tracked.tasks.size === 0) return [];
  return outages.flatMap((outage) => {
    const interval = { from: outage.from, to: outage.to ?? Number.MAX_SAFE_INTEGER };
    const delayed = delayOf(interval, tracked.run, [...tracked.tasks.values()]);
    return delayed > 0 ? [{ from_us: outage.from, run: tracked.run.id, delayed_us: delayed }] : [];
  });
}
