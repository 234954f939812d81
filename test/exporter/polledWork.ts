import { WaitBook, type PolledWork } from '../../exporter/flow/waiting/book.ts';
import { byTaskId } from '../../exporter/flow/transitions.ts';
import type { ActiveRun } from '../../exporter/flow/waiting/activeRun.ts';
import type { BackfillRow, DagRow, PoolRow, RunRow, TaskRow } from '../../exporter/sources/rows.ts';
import type { DagStructure } from '../../exporter/sources/structure.ts';
import { structure } from './taskRows.ts';

export const S = 1e6;
export const NOW = 1_000 * S;

export const CHAIN = structure({ first: [], second: ['first'] });

export function dag(more: Partial<DagRow> = {}): DagRow {
  const limits = { max_active_tasks: 16, max_active_runs: 16 };
  return {
    dag_id: 'd',
    owner: null,
    tags: [],
    is_paused: false,
    ...limits,
    next_run_us: null,
    lane: null,
    team: null,
    ...more,
  };
}

export function run(more: Partial<RunRow> = {}): RunRow {
  return {
    ...{ id: 1, dag_id: 'd', run_id: 'r1', run_type: 'manual', state: 'running', clear_number: 0, logical_us: 0 },
    ...{ due_us: null, queued_us: 800 * S, start_us: 900 * S, end_us: null, after_us: null, decided_us: null },
    ...{ backfill_id: null, backfill_ordinal: null, version: null },
    ...more,
  } as RunRow;
}

export function active(of: RunRow, tasks: TaskRow[], shape: DagStructure | null = CHAIN): ActiveRun {
  return { run: of, all: tasks, tasks: byTaskId(tasks), structure: shape };
}

export interface World extends Partial<Omit<PolledWork, 'limits'>> {
  kind?: 'airflow2' | 'airflow3' | 'runbeat';
  dags?: DagRow[];
  pools?: PoolRow[];
  backfills?: BackfillRow[] | null;
  executorCallbacks?: number;
  parkedCountForTask?: boolean;
  windowPerRun?: boolean;
  backfillsExaminedLast?: boolean;
}

/** A poll of a source with one DAG `d`. By default, nothing holds work back. */
export function poll(
  runs: ActiveRun[],
  {
    kind,
    dags,
    pools,
    backfills,
    executorCallbacks,
    parkedCountForTask,
    windowPerRun,
    backfillsExaminedLast,
    ...more
  }: World = {},
): PolledWork {
  const pool = { pool: 'default_pool', slots: 128, include_deferred: false, team: null };
  return {
    ...{ nowUs: NOW, runs, ended: [], due: [], parallelism: 100, liveSchedulers: ['one'], schedulerSkewUs: 0, ...more },
    limits: {
      kind: kind ?? 'airflow3',
      dags: new Map((dags ?? [dag()]).map((one) => [one.dag_id, one])),
      pools: new Map((pools ?? [pool]).map((one) => [one.pool, one])),
      parkedCountForTask: parkedCountForTask ?? false,
      windowPerRun: windowPerRun ?? false,
      backfillsExaminedLast: backfillsExaminedLast ?? true,
      executorCallbacks: executorCallbacks ?? 0,
      backfills: backfills === null ? null : new Map((backfills ?? []).map((one) => [one.id, one])),
    },
  };
}

/** Age in seconds of the oldest ready work, as the gauge reports it after these polls; 0 for none. */
export function ageAfter(...polls: PolledWork[]): number {
  const waits = new WaitBook();
  for (const one of polls) waits.update(one);
  return waits.oldestSeconds;
}
