import type { SmallStorage } from './browserStorage.ts';

const KEY = 'runbeat.lookup.recent';
const KEPT = 8;

/** A past search as a URL query, and its label in the list. */
export interface RecentSearch {
  query: string;
  label: string;
}

/** Recent searches, newest first; empty if the browser has none or the stored value is invalid. */
export function readRecent(storage: Pick<SmallStorage, 'getItem'>): RecentSearch[] {
  try {
    const parsed: unknown = JSON.parse(storage.getItem(KEY) ?? '[]');
    return Array.isArray(parsed) ? parsed.filter(isRecent) : [];
  } catch {
    return [];
  }
}

export function addRecent(storage: SmallStorage, search: RecentSearch): RecentSearch[] {
  const others = readRecent(storage).filter(({ query }) => query !== search.query);
  const recent = [search, ...others].slice(0, KEPT);
  storage.setItem(KEY, JSON.stringify(recent));
  return recent;
}

function isRecent(value: unknown): value is RecentSearch {
  const search = value as Partial<RecentSearch> | null;
  return typeof search?.query === 'string' && typeof search.label === 'string';
}
