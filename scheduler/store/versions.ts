import { LRUCache } from 'lru-cache';
import type { DagDefinition } from '../core/definition.ts';
import type { Queryable } from './database.ts';

/** A version of a DAG, which runs keep. It never changes, so it can be cached. */
export interface DagVersion {
  id: number;
  bundleHash: string;
  definition: DagDefinition;
}

/** Caches the most recently used versions. A call gets all versions that it asks for, even if they exceed the size of the cache. */
export class VersionCache {
  private readonly versions: LRUCache<number, DagVersion>;

  constructor(limit = 1_000) {
    this.versions = new LRUCache({ max: limit });
  }

  /** Returns the versions with these ids. Reads those that are not cached in one query. */
  async load(db: Queryable, ids: Iterable<number>): Promise<ReadonlyMap<number, DagVersion>> {
    const wanted = new Map<number, DagVersion>();
    const missing: number[] = [];
    for (const id of new Set(ids)) {
      const known = this.versions.get(id);
      if (known) wanted.set(id, known);
      else missing.push(id);
    }
    if (missing.length === 0) return wanted;
    for (const version of await readVersions(db, missing)) {
      wanted.set(version.id, version);
      this.versions.set(version.id, version);
    }
    return wanted;
  }
}

async function readVersions(db: Queryable, ids: number[]): Promise<DagVersion[]> {
  const { rows } = await db.query<{ id: number; bundle_hash: string; data: DagDefinition }>(
    'select id, bundle_hash, data from runbeat.dag_version where id = any($1::bigint[])',
    [ids],
  );
  return rows.map((row) => ({ id: row.id, bundleHash: row.bundle_hash, definition: row.data }));
}

/** Maximum number of versions that a worker prepares. */
const WARM_VERSIONS = 200;

/** Current versions of DAGs whose tasks use these queues, newest first. Only files with functions have code to load. */
export async function currentVersions(
  db: Queryable,
  queues: readonly string[],
): Promise<{ id: number; bundleHash: string; hasFunctions: boolean }[]> {
  const { rows } = await db.query<{ id: number; bundle_hash: string; has_functions: boolean }>(
    `select v.id, v.bundle_hash, d.fileloc !~ '\\.ya?ml$' as has_functions
       from runbeat.dag d join runbeat.dag_version v on v.id = d.current_version_id
      where not d.is_stale and d.queues && $1::text[]
      order by v.id desc limit ${WARM_VERSIONS}`,
    [queues],
  );
  return rows.map((row) => ({ id: row.id, bundleHash: row.bundle_hash, hasFunctions: row.has_functions }));
}

/** Compiled code of a DAG file; null if there is none with that hash. */
export async function readBundle(db: Queryable, hash: string): Promise<string | null> {
  const { rows } = await db.query<{ code: string }>('select code from runbeat.dag_bundle where bundle_hash = $1', [
    hash,
  ]);
  return rows[0]?.code ?? null;
}
