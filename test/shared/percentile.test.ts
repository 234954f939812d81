import { describe, expect, it } from 'vitest';
import { percentile } from '../../shared/percentile.ts';

describe('the percentile', () => {
  it.each([
    [[], 0.5, null],
    [[7], 0.99, 7],
    [[3, 1, 2], 0.5, 2],
    [[4, 3, 2, 1], 0.5, 2],
    [Array.from({ length: 100 }, (_, i) => i + 1), 0.95, 95],
    [Array.from({ length: 100 }, (_, i) => i + 1), 1, 100],
  ])('of %j at %d is the nearest rank, %j', (values, share, expected) => {
    expect(percentile(values, share)).toBe(expected);
  });
});
