import { isFinishedRun } from '../../shared/states.ts';
import type { Observation } from '../flow/observations.ts';
import { delayOf, type OutageInterval } from '../flow/outages.ts';
import type { Delta, EmittedTask, Gap, IndexedRun, Progress } from '../index/rows.ts';
import type { KeyedRunRow, Micros, RunKeys, RunRow, Snapshot, TaskRow } from '../sources/rows.ts';
import type { DagStructure, StructureRef } from '../sources/structure.ts';
import { countedUntil, slowestTransition, type TrackedRun } from './trackedRun.ts';

/** What one poll found, before it is stored. */
export interface Work {
  progress: Progress;
  caughtUp: boolean;
  readUntilUs: Micros;
  observations: Observation[];
  emitted: EmittedTask[];
  entered: { run: RunRow; keys: RunKeys | null }[];
  settled: { tracked: TrackedRun; keys: RunKeys | null }[];
  deleted: number[];
}

export function emptyWork(snapshot: Snapshot, progress: Progress & { gaps: Gap[] }): Work {
  return {
    progress: { ...progress, database_oid: snapshot.database_oid, snapshot_xmax: snapshot.xmax },
    caughtUp: true,
    readUntilUs: snapshot.now_us,
    observations: [],
    emitted: [],
    entered: [],
    settled: [],
    deleted: [],
  };
}

/** This end of a run is in the counters already, or it is history. */
export function isKnownEnd(run: RunRow, indexed: IndexedRun | null, baseline: Micros | null): boolean {
  if (indexed && isFinishedRun(indexed.state)) return indexed.end_us === run.end_us;
  return !indexed && baseline !== null && (run.end_us ?? 0) <= baseline;
}

export function countRefused(run: KeyedRunRow, work: Work): void {
  work.observations.push(...observeRefused(run));
}

export function observeRefused(run: KeyedRunRow): Observation[] {
  return run.refused ? [{ metric: 'confRefused', labels: [run.refused], us: null }] : [];
}

export function hasMoved(before: RunRow, now: RunRow): boolean {
  return before.state !== now.state || before.start_us !== now.start_us || before.clear_number !== now.clear_number;
}

/** Spelled out and not spread: this runs once for every run of a history of millions. */
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

/** What of a poll's work is stored, counters apart. */
export function deltaOf(
  work: Work,
  outages: readonly OutageInterval[],
  structureOf: StructureOf,
): Omit<Delta, 'series'> {
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
    outageRuns: work.settled.flatMap(({ tracked }) => delaysOf(tracked, outages)),
  };
}

type StructureOf = (task: TaskRow, run: RunRow) => DagStructure | null;

function settledRun(tracked: TrackedRun, keys: RunKeys | null, structureOf: StructureOf): IndexedRun {
  const run = indexedRun(tracked.run, keys);
  if (tracked.tasks.size === 0) return run;
  const slowest = slowestTransition(tracked, structureOf);
  return { ...run, counted_us: countedUntil(tracked), tasks_total: tracked.tasks.size, slowest_us: slowest };
}

function delaysOf(tracked: TrackedRun, outages: readonly OutageInterval[]): Delta['outageRuns'] {
  // Without task instances nobody can tell waiting from work.
  if (tracked.tasks.size === 0) return [];
  return outages.flatMap((outage) => {
    const interval = { from: outage.from, to: outage.to ?? Number.MAX_SAFE_INTEGER };
    const delayed = delayOf(interval, tracked.run, [...tracked.tasks.values()]);
    return delayed > 0 ? [{ from_us: outage.from, run: tracked.run.id, delayed_us: delayed }] : [];
  });
}
