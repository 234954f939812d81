import { describe, expect, it } from 'vitest';
import { HoldingCache } from '../../platform/cache.ts';

const value = (text: string): { text: string } => ({ text });

describe('a cache that holds what is in use', () => {
  it('evicts what was not used for the longest time', () => {
    const cache = new HoldingCache<string, { text: string }>(2);
    for (const key of ['a', 'b']) cache.set(key, value(key));
    cache.get('a');
    cache.set('c', value('c'));
    expect(['a', 'b', 'c'].filter((key) => cache.get(key))).toEqual(['a', 'c']);
  });

  it('keeps all held entries, however many others are added, and releases them with the next hold', () => {
    const cache = new HoldingCache<string, { text: string }>(1);
    cache.hold(new Map(['a', 'b', 'c'].map((key) => [key, value(key)])));
    for (const key of ['x', 'y']) cache.set(key, value(key));
    expect(['a', 'b', 'c', 'x', 'y'].filter((key) => cache.get(key))).toEqual(['a', 'b', 'c', 'y']);
    cache.hold(new Map([['c', value('c')]]));
    cache.set('x', value('x'));
    expect(['a', 'b', 'c', 'x'].filter((key) => cache.get(key))).toEqual(['c', 'x']);
  });

  it('replaces a held entry in place', () => {
    const cache = new HoldingCache<string, { text: string }>(1);
    cache.hold(new Map([['a', value('old')]]));
    cache.set('a', value('new'));
    cache.set('b', value('b'));
    expect(cache.get('a')).toEqual(value('new'));
    cache.delete('a');
    expect(cache.get('a')).toBeUndefined();
  });
});
