import { LRUCache } from 'lru-cache';
import type { RunDetail, RunTransition, TaskInstance } from '../../shared/api.ts';
import type { SourceObserver } from '../collectors/sourceObserver.ts';
import type { SourceReader } from '../sources/reader.ts';
import type { KeyedRunRow } from '../sources/rows.ts';
import type { DagStructure, StructureRef } from '../sources/structure.ts';
import type { DagRings } from '../usual/rings.ts';
import { Json } from './answersUnderWay.ts';
import { jsonMembers } from './jsonPieces.ts';
import { timestamp } from './time.ts';

/** Runs with fewer task instances are not cached, because their answers are built quickly enough. */
const LEAST_TASKS = 500;
/** Maximum number of bytes that are cached for each source. */
const MOST_BYTES = 32 * 1024 * 1024;

/** A RunDetail whose long lists are made while they are read. */
export type DetailInParts = Omit<RunDetail, 'tasks' | 'transitions'> & {
  tasks: Generator<TaskInstance>;
  transitions: Generator<RunTransition>;
};

/** Everything that the answer about a finished run was built from. */
export interface Basis {
  run: KeyedRunRow;
  /** SourceReader.stampOf, from the same snapshot as the rows. */
  stamp: string;
  structures: readonly { ref: StructureRef; structure: DagStructure | null }[];
  rings: DagRings;
}

/** What is known of a run before its tasks are read. */
export interface KnownOfRun {
  /** Its stamp, if that was read in the same snapshot. */
  stamp: string | null;
  /** Whether its last answer was worth caching. */
  isLarge: boolean;
}

interface Kept {
  basis: Basis;
  run: RunDetail['run'];
  /** The rest of the answer after `run`, as JSON. */
  rest: readonly Buffer[];
}

const answers = new WeakMap<SourceObserver, LRUCache<number, Kept>>();

/** Whether the answer about a run with this many task instances is worth caching, if nothing in it depends on the time. */
export function isWorthKeeping(tasks: number): boolean {
  return tasks >= LEAST_TASKS;
}

/** Returns an answer as JSON, and caches it if it has a basis. */
export function answerAsJson(source: SourceObserver, basis: Basis | null, { run, ...others }: DetailInParts): Json {
  const rest = jsonMembers(others);
  if (basis) keptOf(source).set(basis.run.id, { basis, run, rest });
  return jsonOf(run, rest);
}

function keptOf(source: SourceObserver): LRUCache<number, Kept> {
  let kept = answers.get(source);
  if (!kept) {
    const sizeCalculation = ({ rest }: Kept): number => rest.reduce((sum, piece) => sum + piece.length, 0);
    answers.set(source, (kept = new LRUCache({ maxSize: MOST_BYTES, sizeCalculation })));
  }
  return kept;
}

/** The cached answer, or null if something that it was built from has changed. */
export async function keptAnswer(
  source: SourceObserver,
  reader: SourceReader,
  run: KeyedRunRow,
): Promise<{ answer: Json | null } & KnownOfRun> {
  const kept = answers.get(source)?.get(run.id);
  if (!kept) return { answer: null, stamp: null, isLarge: false };
  if (JSON.stringify(run) !== JSON.stringify(kept.basis.run)) return { answer: null, stamp: null, isLarge: true };
  const stamp = await reader.stampOf(run);
  const isSame = stamp === kept.basis.stamp && (await hasSameBasis(source, reader, run, kept.basis));
  return {
    answer: isSame ? jsonOf({ ...kept.run, now: timestamp(Math.round(source.nowUs)) }, kept.rest) : null,
    stamp,
    isLarge: true,
  };
}

async function hasSameBasis(
  source: SourceObserver,
  reader: SourceReader,
  run: KeyedRunRow,
  { structures, rings }: Basis,
): Promise<boolean> {
  await source.structures.load(
    reader,
    structures.map(({ ref }) => ref),
  );
  const areSame = structures.every(({ ref, structure }) => source.structures.get(ref) === structure);
  return areSame && source.usual.known(run.dag_id) === rings;
}

function jsonOf(run: RunDetail['run'], rest: readonly Buffer[]): Json {
  return new Json([Buffer.from(`{"run":${JSON.stringify(run)},`), ...rest]);
}
