import { LRUCache } from 'lru-cache';
import { HoldingCache } from '../../platform/cache.ts';
import type { SourceReader } from '../sources/reader.ts';
import { structureKey, type DagStructure, type StructureRef } from '../sources/structure.ts';

const KEPT = 2_000;
const RETRY_MS = 60_000;
/** Limited, because a structure may have megabytes and a query result is held in memory as a whole. */
const READ_AT_ONCE = 16;

interface Known {
  structure: DagStructure;
  /** dag_hash; null where a version never changes. */
  hash: string | null;
}

/**
 * Structures of DAGs by version. Once task instances have been created from a version, the source does not change it. Before
 * that, and after they are deleted, Airflow 3 may change it under the same id. So the hash of a version is compared whenever a
 * new run is followed. A structure that is missing (deleted, or replaced by a newer one in Airflow 2) is read again a minute
 * later.
 */
export class StructureCache {
  private readonly known = new HoldingCache<string, Known>(KEPT);
  private readonly missing = new LRUCache<string, true>({ max: KEPT, ttl: RETRY_MS });

  constructor(private readonly onUnreadable: (error: Error) => void) {}

  get(ref: StructureRef): DagStructure | null {
    return this.known.get(structureKey(ref))?.structure ?? null;
  }

  /**
   * Reads structures that are not known yet. `followed` are the structures of runs that are followed already. Together with
   * `refs`, they are kept in memory until the next call with `followed`.
   */
  async load(
    reader: SourceReader,
    refs: Iterable<StructureRef>,
    followed: Iterable<StructureRef> | null = null,
  ): Promise<void> {
    const again = byKey(refs);
    const asked = new Map([...byKey(followed ?? []), ...again]);
    await this.dropChanged(
      reader,
      [...again].flatMap(([key, ref]) => (this.known.get(key) ? [ref] : [])),
    );
    const found = new Map<string, Known>();
    const wanted = new Map<string, StructureRef>();
    for (const [key, ref] of asked) {
      const known = this.known.get(key);
      if (known) found.set(key, known);
      else if (!this.missing.has(key)) wanted.set(key, ref);
    }
    for (const [key, known] of await this.read(reader, wanted)) found.set(key, known);
    if (followed) this.known.hold(found);
  }

  private async read(reader: SourceReader, wanted: ReadonlyMap<string, StructureRef>): Promise<Map<string, Known>> {
    const found = new Map<string, Known>();
    const refs = [...wanted.values()];
    for (let at = 0; at < refs.length; at += READ_AT_ONCE) {
      const some = await reader.structures.read(refs.slice(at, at + READ_AT_ONCE), this.onUnreadable);
      for (const { ref, structure, hash } of some) found.set(structureKey(ref), { structure, hash });
    }
    for (const key of wanted.keys()) {
      const known = found.get(key);
      if (known) this.known.set(key, known);
      else this.missing.set(key, true);
    }
    return found;
  }

  private async dropChanged(reader: SourceReader, refs: readonly StructureRef[]): Promise<void> {
    for (const { dag_id, version, dag_hash } of await reader.structures.hashes(refs)) {
      const key = structureKey({ dag_id, version });
      if (this.known.get(key)?.hash !== dag_hash) this.known.delete(key);
    }
  }
}

function byKey(refs: Iterable<StructureRef>): Map<string, StructureRef> {
  const found = new Map<string, StructureRef>();
  for (const ref of refs) if (ref.version !== null) found.set(structureKey(ref), ref);
  return found;
}
