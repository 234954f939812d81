import { percentile } from '../../shared/percentile.ts';
import type { DagState } from '../index/promiseRows.ts';
import type { DagRow, Micros, RunRow } from '../sources/rows.ts';
import { isBackfill } from './awaited.ts';

/** Number of successes that are known of a DAG. */
export const RECENT = 8;
const ASKED = 9;

/**
 * Updates the state of a DAG from its row. `before` is null for a new DAG. `isLater` is true for a DAG that appeared, or came back,
 * while its source was observed.
 */
function withRow(before: DagState | null, row: DagRow, nowUs: Micros, isLater: boolean): DagState {
  // Most readings find nothing new, and a source may have thousands of DAGs.
  if (before && isSame(before, row)) return before;
  const { dag_id, owner, tags, is_paused, next_run_us } = row;
  const fromRow = { dag_id, owner, tags, is_paused, next_run_us };
  if (!before) {
    const nothing = { last_run_us: null, last_success_us: null, recent: [], asked_us: [] };
    return { ...fromRow, ...nothing, watched_us: nowUs, resumed_us: isLater ? nowUs : null };
  }
  const resumed = before.is_paused && !is_paused ? nowUs : before.resumed_us;
  return { ...before, ...fromRow, resumed_us: resumed };
}

function isSame(a: DagState, b: DagRow): boolean {
  return isSelectedAlike(a, b) && a.is_paused === b.is_paused && a.next_run_us === b.next_run_us;
}

/**
 * All DAGs of a source after they were read; the same object if nothing has changed. `noted` are newer states of DAGs that
 * are known already.
 */
export function withRows(
  known: Dags,
  noted: Dags,
  rows: ReadonlyMap<string, DagRow>,
  nowUs: Micros,
  isLater: boolean,
): Dags {
  let isSame = rows.size === known.size;
  const read: DagState[] = [];
  for (const row of rows.values()) {
    const before = known.get(row.dag_id) ?? null;
    const dag = withRow(noted.get(row.dag_id) ?? before, row, nowUs, isLater);
    isSame &&= dag === before;
    read.push(dag);
  }
  return isSame ? known : new Map(read.map((dag) => [dag.dag_id, dag]));
}

export type Dags = ReadonlyMap<string, DagState>;

/** Whether promises select the same DAGs after a reading as before it. DAGs are read every few seconds, and change seldom. */
export function areSelectedAlike(dags: Dags, before: Dags): boolean {
  if (dags === before) return true;
  if (dags.size !== before.size) return false;
  return [...dags.values()].every((dag) => {
    const known = before.get(dag.dag_id);
    return known === dag || (known !== undefined && isSelectedAlike(known, dag));
  });
}

export function isSelectedAlike(a: Pick<DagRow, 'owner' | 'tags'>, b: Pick<DagRow, 'owner' | 'tags'>): boolean {
  return a.owner === b.owner && a.tags.length === b.tags.length && a.tags.every((tag, at) => tag === b.tags[at]);
}

/** Updates the state of a DAG with a run that has ended, in any order. Returns the same object if nothing changes. */
export function withEnd(dag: DagState, run: RunRow): DagState {
  const end = run.end_us;
  if (end === null) return dag;
  const newer = end > (dag.last_run_us ?? -Infinity) ? { last_run_us: end } : null;
  const success = run.state === 'success' ? withSuccess(dag, run, end) : null;
  return withAsk(newer || success ? { ...dag, ...newer, ...success } : dag, run);
}

/** Updates the state of a DAG with the moment at which a run was asked for. Returns the same object if that is not new. */
function withAsk(dag: DagState, run: RunRow): DagState {
  const asked = isBackfill(run) ? null : (run.due_us ?? run.queued_us ?? run.start_us);
  if (asked === null || dag.asked_us.includes(asked)) return dag;
  if (dag.asked_us.length >= ASKED && asked <= dag.asked_us[0]!) return dag;
  return { ...dag, asked_us: [...dag.asked_us, asked].sort((a, b) => a - b).slice(-ASKED) };
}

/** The DAGs that change because runs of them were created, or have ended, by dag_id. */
export function changedByRuns(
  dags: Dags,
  created: readonly { run: RunRow }[],
  ended: readonly { run: RunRow }[],
): Map<string, DagState> {
  const changed = new Map<string, DagState>();
  const update = (run: RunRow, change: (dag: DagState, run: RunRow) => DagState): void => {
    const dag = changed.get(run.dag_id) ?? dags.get(run.dag_id);
    if (!dag) return;
    const next = change(dag, run);
    if (next !== dag) changed.set(run.dag_id, next);
  };
  for (const { run } of created) update(run, withAsk);
  for (const { run } of ended) update(run, withEnd);
  return changed;
}

function withSuccess(dag: DagState, run: RunRow, endUs: Micros): Partial<DagState> | null {
  const forUs = meantFor(run);
  const isRecent = dag.recent.length < RECENT || endUs > dag.recent[0]!.endUs;
  const isKnown = dag.recent.some((one) => one.run === run.id && one.endUs === endUs);
  if (forUs === null || !isRecent || isKnown) return null;
  const recent = [...dag.recent, { run: run.id, forUs, endUs }].sort((a, b) => a.endUs - b.endUs).slice(-RECENT);
  return { recent, last_success_us: Math.max(endUs, dag.last_success_us ?? endUs) };
}

/** The moment that a run is for: when it was due, otherwise its logical date, otherwise when it was requested. */
export function meantFor(run: RunRow): Micros | null {
  return run.due_us ?? run.logical_us ?? run.queued_us ?? run.start_us;
}

/** The usual time from one run to the next; null if there are fewer than two runs, and the second one is not scheduled either. */
export function periodOf({ asked_us, next_run_us }: Pick<DagState, 'asked_us' | 'next_run_us'>): Micros | null {
  const isFirst = asked_us.length === 1 && next_run_us !== null && next_run_us > asked_us[0]!;
  const asked = isFirst ? [...asked_us, next_run_us] : asked_us;
  const gaps = asked.slice(1).map((at, before) => at - asked[before]!);
  return percentile(gaps, 0.5);
}
