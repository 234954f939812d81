import { isFinishedRun, isFinishedTask } from '../../shared/states.ts';
import type { SourceObserver } from '../collectors/sourceObserver.ts';
import type { SourceReader } from '../sources/reader.ts';
import type {
  AttemptRow,
  KeyedRunRow,
  PastTaskRow,
  PokeRow,
  PreviousTaskRow,
  TaskRow,
  Traced,
} from '../sources/rows.ts';
import type { StructureRef } from '../sources/structure.ts';
import { isWorthKeeping, type KnownOfRun } from './keptAnswers.ts';

/** What a source knows about one run. */
export interface ReadRun {
  run: KeyedRunRow;
  /** With what they may wait for, unless the run is over. */
  tasks: Traced<PastTaskRow | TaskRow>[];
  attempts: AttemptRow[];
  pokes: PokeRow[];
  /** Of the DAG's previous run, if a task depends on it. */
  previous: PreviousTaskRow[];
  conf: Traced<{ conf: unknown; note: string | null }>;
  /** The structures of its tasks, which are loaded. */
  versions: StructureRef[];
  /** SourceReader.stampOf; null if the answer must not be cached: it is small, or depends on the time or on other runs. */
  stamp: string | null;
}

/** Reads a run in the snapshot of the reader. Queries that don't depend on each other are sent at once. */
export async function readRun(
  source: SourceObserver,
  reader: SourceReader,
  run: KeyedRunRow,
  known: KnownOfRun = { stamp: null, isLarge: false },
): Promise<ReadRun> {
  const isPast = isFinishedRun(run.state);
  const [tasks, attempts, conf, early] = await Promise.all([
    isPast ? reader.pastTasksOf(run) : reader.tracedTasksOf(run),
    reader.attemptsOf(run),
    reader.confOf(run.id),
    // The database computes it while this process still reads the tasks.
    known.stamp ?? (isPast && known.isLarge ? reader.stampOf(run) : null),
  ]);
  const numbers = new Set([run, ...tasks].map((row) => row.version ?? run.version));
  const versions = [...numbers].map((version) => ({ dag_id: run.dag_id, version }));
  await source.structures.load(reader, versions);
  const dependent = [...(source.structures.get(run)?.values() ?? [])].find((task) => task.depends_on_past);
  const isOver = isPast && tasks.every((task) => isFinishedTask(task.state) && !task.rescheduled);
  const isKept = isOver && !dependent && isWorthKeeping(tasks.length);
  return {
    run,
    tasks,
    attempts,
    pokes: tasks.some((task) => task.rescheduled) ? await reader.pokesOf(run) : [],
    previous: dependent ? await reader.previousOf(run, dependent.past_without_manual) : [],
    conf,
    versions,
    stamp: isKept ? (early ?? (await reader.stampOf(run))) : null,
  };
}
