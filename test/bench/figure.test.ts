import { expect, it } from 'vitest';
import { judged } from '../../bench/figure.ts';

const figure = { bench: 'b', metric: 'm', unit: '1/s', value: 0, better: 'higher', limit: 1.5 } as const;

it.each([
  [1.5, 0, true],
  [1.4, 0, false],
  [1.4, 0.1, true],
  [0.54, 0.7, false],
])('a ratio of %s with a noise of %s is within a limit of 1.5: %s', (ratio, noise, ok) => {
  expect(judged({ ...figure, ratio }, { noise }).ok).toBe(ok);
});
