import { structureKey, type DagStructure, type StructureRef } from '../sources/structure.ts';
import type { SourceReader } from '../sources/reader.ts';

const KEPT = 2_000;
const RETRY_MS = 60_000;

/**
 * Structures of DAGs by version. One that has task instances is never changed by the source, so it is read once; one that
 * is not there (cleaned, or replaced by a newer one in Airflow 2) is asked for again a minute later.
 */
export class StructureCache {
  private readonly known = new Map<string, DagStructure>();
  private readonly missing = new Map<string, number>();

  constructor(private readonly onUnreadable: (error: Error) => void) {}

  get(ref: StructureRef): DagStructure | null {
    return this.known.get(structureKey(ref)) ?? null;
  }

  async load(reader: SourceReader, refs: Iterable<StructureRef>): Promise<void> {
    const now = Date.now();
    const wanted = new Map<string, StructureRef>();
    for (const ref of refs) {
      const key = structureKey(ref);
      if (ref.version !== null && !this.known.has(key) && (this.missing.get(key) ?? 0) <= now) wanted.set(key, ref);
    }
    if (wanted.size === 0) return;
    for (const { ref, structure } of await reader.structures([...wanted.values()], this.onUnreadable)) {
      this.known.set(structureKey(ref), structure);
      this.missing.delete(structureKey(ref));
    }
    for (const key of wanted.keys()) if (!this.known.has(key)) this.missing.set(key, now + RETRY_MS);
    this.trim();
  }

  private trim(): void {
    for (const key of this.known.keys()) {
      if (this.known.size <= KEPT) break;
      this.known.delete(key);
    }
    if (this.missing.size > KEPT) this.missing.clear();
  }
}
