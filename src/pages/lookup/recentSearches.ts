const KEY = 'runbeat.lookup.recent';
const KEPT = 8;

/** A past question as its URL query, and what it is called in the list. */
export interface RecentSearch {
  query: string;
  label: string;
}

/** Newest first; nothing where the browser keeps nothing or keeps something else. */
export function readRecent(storage: Pick<Storage, 'getItem'>): RecentSearch[] {
  try {
    const parsed: unknown = JSON.parse(storage.getItem(KEY) ?? '[]');
    return Array.isArray(parsed) ? parsed.filter(isRecent) : [];
  } catch {
    return [];
  }
}

export function addRecent(storage: Pick<Storage, 'getItem' | 'setItem'>, search: RecentSearch): RecentSearch[] {
  const others = readRecent(storage).filter(({ query }) => query !== search.query);
  const recent = [search, ...others].slice(0, KEPT);
  try {
    storage.setItem(KEY, JSON.stringify(recent));
  } catch {
    // A full or forbidden storage costs the list, not the lookup.
  }
  return recent;
}

function isRecent(value: unknown): value is RecentSearch {
  const search = value as Partial<RecentSearch> | null;
  return typeof search?.query === 'string' && typeof search.label === 'string';
}
