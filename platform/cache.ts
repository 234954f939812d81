import { LRUCache } from 'lru-cache';

/**
 * A bounded cache that never evicts entries in use. Held entries stay, however many there are. Of all others, the `limit` most
 * recently used ones stay.
 */
export class HoldingCache<Key extends string | number, Value extends object> {
  private held = new Map<Key, Value>();
  private readonly recent: LRUCache<Key, Value>;

  constructor(limit: number) {
    this.recent = new LRUCache({ max: limit });
  }

  get(key: Key): Value | undefined {
    return this.held.get(key) ?? this.recent.get(key);
  }

  set(key: Key, value: Value): void {
    if (this.held.has(key)) this.held.set(key, value);
    else this.recent.set(key, value);
  }

  delete(key: Key): void {
    this.held.delete(key);
    this.recent.delete(key);
  }

  clear(): void {
    this.held.clear();
    this.recent.clear();
  }

  /** Holds these entries until the next call, and releases those of the previous call. */
  hold(entries: ReadonlyMap<Key, Value>): void {
    const released = this.held;
    this.held = new Map(entries);
    for (const [key, value] of released) if (!this.held.has(key)) this.recent.set(key, value);
  }
}
