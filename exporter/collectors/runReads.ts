import { groupedBy } from '../../shared/groupedBy.ts';
import type { SourceReader } from '../sources/reader.ts';
import type { KeyedRunRow, RunRow, TaskRow } from '../sources/rows.ts';
import type { SourceFacts } from './facts.ts';
import { refsOf, type Work } from './pollWork.ts';
import type { StructureCache } from './structures.ts';
import type { TrackedRun } from './trackedRun.ts';

/** Reads everything that a poll needs in addition to new runs and the list of active ones. */

type Tracked = ReadonlyMap<number, TrackedRun>;

/** Runs that have become active again because they were cleared, and runs that the sweep suspects. */
export function readReturned(
  reader: SourceReader,
  tracked: Tracked,
  activeNow: readonly RunRow[],
  seen: ReadonlyMap<number, KeyedRunRow>,
  suspects: ReadonlySet<number>,
): Promise<KeyedRunRow[]> {
  const candidates = [...activeNow.map((run) => run.id), ...suspects];
  const ids = new Set(candidates.filter((id) => !tracked.has(id) && !seen.has(id)));
  return reader.keyedRunsById([...ids]);
}

/** Runs that are no longer active. */
export async function readLeft(
  reader: SourceReader,
  tracked: Tracked,
  activeNow: readonly RunRow[],
): Promise<{ runs: RunRow[]; deleted: number[] }> {
  const present = new Set(activeNow.map((run) => run.id));
  const gone = [...tracked.keys()].filter((id) => !present.has(id));
  const runs = await reader.runsById(gone);
  const found = new Set(runs.map((run) => run.id));
  return { runs, deleted: gone.filter((id) => !found.has(id)) };
}

/** All task instances of some runs, the changed ones of the others, and the structures that they were created from. */
export async function readTasks(
  reader: SourceReader,
  structures: StructureCache,
  whole: readonly RunRow[],
  staying: readonly RunRow[],
  /** Null after a load: nothing is in memory yet, so all task instances are read. */
  changedSince: number | null,
): Promise<Map<number, TaskRow[]>> {
  const rows = [...(await reader.tasksOf(whole)), ...(await reader.tasksOf(staying, changedSince))];
  const byRun = groupedBy(rows, (row) => row.run);
  await structures.load(reader, refsOf(whole, byRun), refsOf(staying, byRun));
  return byRun;
}

/** The DAGs again, if a run belongs to one that is too new to have been read: the run is judged with its DAG. */
export async function readUnknownDags(
  reader: SourceReader,
  facts: Pick<SourceFacts, 'dags'>,
  work: Work,
): Promise<void> {
  const runs = [...work.created, ...work.settled.map(({ tracked }) => tracked.run)];
  if (runs.some(({ dag_id }) => !facts.dags.has(dag_id))) facts.dags = await dagsById(reader);
}

/** All DAGs of a source by id. */
export async function dagsById(reader: SourceReader): Promise<SourceFacts['dags']> {
  return new Map((await reader.dags()).map((dag) => [dag.dag_id, dag]));
}
