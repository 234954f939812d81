import { describe, expect, it } from 'vitest';
import type { Queryable } from '../../scheduler/store/database.ts';
import { VersionCache } from '../../scheduler/store/versions.ts';

describe('the cache of versions', () => {
  it('returns all versions that a call needs, even beyond the limit, and reads only those that it lacks', async () => {
    const asked: number[][] = [];
    const db = {
      query: async (_text: string, [ids]: [number[]]) => {
        asked.push(ids);
        return { rows: ids.map((id) => ({ id, bundle_hash: 'b', data: { tasks: [] } })) };
      },
    } as unknown as Queryable;
    const cache = new VersionCache(2);
    await cache.load(db, [1, 2]);
    const versions = await cache.load(db, [1, 2, 3, 4, 5]);
    expect([...versions.keys()].sort()).toEqual([1, 2, 3, 4, 5]);
    expect(asked).toEqual([
      [1, 2],
      [3, 4, 5],
    ]);
  });
});
