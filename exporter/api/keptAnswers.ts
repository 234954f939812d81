import { LRUCache } from 'lru-cache';
import type { RunDetail, Timestamp } from '../../shared/api.ts';
import type { SourceObserver } from '../collectors/sourceObserver.ts';
import type { SourceReader } from '../sources/reader.ts';
import type { KeyedRunRow } from '../sources/rows.ts';
import type { DagStructure, StructureRef } from '../sources/structure.ts';
import type { DagRings } from '../usual/rings.ts';
import { Json } from './answersUnderWay.ts';
import { timestamp } from './time.ts';

/** Runs with fewer task instances are not cached, because their answers are built quickly enough. */
const LEAST_TASKS = 500;
/** Maximum number of characters that are cached for each source. */
const MOST_CHARACTERS = 32 * 1024 * 1024;

/** Everything that the answer about a finished run was built from. */
export interface Basis {
  run: KeyedRunRow;
  /** SourceReader.stampOf, from the same snapshot as the rows. */
  stamp: string;
  structures: readonly { ref: StructureRef; structure: DagStructure | null }[];
  rings: DagRings;
}

interface Kept {
  basis: Basis;
  run: RunDetail['run'];
  /** The rest of the answer after `run`, as JSON. */
  rest: string;
}

const answers = new WeakMap<SourceObserver, LRUCache<number, Kept>>();

/** Whether the answer about a run with this many task instances is worth caching, if nothing in it depends on the time. */
export function isWorthKeeping(tasks: number): boolean {
  return tasks >= LEAST_TASKS;
}

/** Caches an answer and returns it as JSON. */
export function keepAnswer(source: SourceObserver, basis: Basis, { run, ...rest }: RunDetail): Json {
  const kept = { basis, run, rest: JSON.stringify(rest).slice(1) };
  let all = answers.get(source);
  if (!all) {
    all = new LRUCache({ maxSize: MOST_CHARACTERS, sizeCalculation: (one) => one.rest.length });
    answers.set(source, all);
  }
  all.set(basis.run.id, kept);
  return jsonOf(kept, run.now);
}

/** The cached answer if everything that it was built from is unchanged; otherwise null. */
export async function keptAnswer(source: SourceObserver, reader: SourceReader, run: KeyedRunRow): Promise<Json | null> {
  const kept = answers.get(source)?.get(run.id);
  if (!kept || JSON.stringify(run) !== JSON.stringify(kept.basis.run)) return null;
  const { stamp, structures, rings } = kept.basis;
  if ((await reader.stampOf(run)) !== stamp) return null;
  await source.structures.load(
    reader,
    structures.map(({ ref }) => ref),
  );
  const isSame = structures.every(({ ref, structure }) => source.structures.get(ref) === structure);
  if (!isSame || (await source.usual.of(run.dag_id)) !== rings) return null;
  return jsonOf(kept, timestamp(Math.round(source.nowUs)));
}

/** The cached answer with the source's present time. */
function jsonOf({ run, rest }: Kept, now: Timestamp): Json {
  return new Json(`{"run":${JSON.stringify({ ...run, now })},${rest}`);
}
