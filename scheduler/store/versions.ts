import type { DagDefinition } from '../core/definition.ts';
import type { Queryable } from './database.ts';

/** A version of a DAG as runs hold on to it. It never changes, so it may be kept for ever. */
export interface DagVersion {
  id: number;
  bundleHash: string;
  definition: DagDefinition;
}

/** Versions read so far; the oldest is forgotten when there are too many. */
export class VersionCache {
  private readonly versions = new Map<number, DagVersion>();

  constructor(private readonly limit = 1_000) {}

  get(id: number): DagVersion | undefined {
    return this.versions.get(id);
  }

  /** Reads those of `ids` that are not known yet, in one query at most. */
  async load(db: Queryable, ids: Iterable<number>): Promise<void> {
    const missing = [...new Set(ids)].filter((id) => !this.versions.has(id));
    if (missing.length === 0) return;
    const { rows } = await db.query<{ id: number; bundle_hash: string; data: DagDefinition }>(
      'select id, bundle_hash, data from runbeat.dag_version where id = any($1::bigint[])',
      [missing],
    );
    for (const row of rows)
      this.versions.set(row.id, { id: row.id, bundleHash: row.bundle_hash, definition: row.data });
    for (const id of this.versions.keys()) {
      if (this.versions.size <= this.limit) break;
      if (!missing.includes(id)) this.versions.delete(id);
    }
  }
}

/** Compiled code of a DAG file; null when there is none by that hash. */
export async function readBundle(db: Queryable, hash: string): Promise<string | null> {
  const { rows } = await db.query<{ code: string }>('select code from runbeat.dag_bundle where bundle_hash = $1', [
    hash,
  ]);
  return rows[0]?.code ?? null;
}
