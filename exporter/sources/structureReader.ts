import type { Dialect } from './dialect.ts';
import { rowsOf, type Client } from './query.ts';
import type { DagStructure, StructureRef } from './structure.ts';

interface ReadStructure {
  ref: StructureRef;
  structure: DagStructure;
  hash: string | null;
}

/** Reads the structures of DAGs. */
export class StructureReader {
  constructor(
    private readonly client: Client,
    private readonly dialect: Dialect,
  ) {}

  /** A structure that can't be read is omitted, and `onUnreadable` is called with the reason. */
  async read(refs: readonly StructureRef[], onUnreadable: (error: Error) => void): Promise<ReadStructure[]> {
    const { structuresQuery, parseStructure } = this.dialect;
    const parameters = [refs.map((ref) => ref.dag_id), refs.map((ref) => ref.version)];
    const read: ReadStructure[] = [];
    for (const row of await rowsOf<Record<string, unknown>>(this.client, structuresQuery, parameters)) {
      try {
        read.push({ ...(await parseStructure(row)), hash: (row.dag_hash as string | undefined) ?? null });
      } catch (error) {
        onUnreadable(error as Error);
      }
    }
    return read;
  }

  /** Current hashes of versions whose structure may change; empty for sources in which versions never change. */
  hashes(refs: readonly StructureRef[]): Promise<(StructureRef & { dag_hash: string })[]> {
    const { hashesQuery } = this.dialect;
    if (!hashesQuery || refs.length === 0) return Promise.resolve([]);
    return rowsOf(this.client, hashesQuery, [refs.map((ref) => ref.dag_id), refs.map((ref) => ref.version)]);
  }
}
