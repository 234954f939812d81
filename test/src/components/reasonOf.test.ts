import { expect, it } from 'vitest';
import { reasonOf } from '../../../src/components/reasonOf.ts';

it.each([
  [
    'Grafana’s own words',
    { status: 502, statusText: 'Bad Gateway', data: { message: 'connection refused' } },
    'connection refused',
  ],
  ['a status alone', { status: 502, statusText: 'Bad Gateway', data: {} }, 'Bad Gateway'],
  ['an error', new Error('no such host'), 'no such host'],
  ['nothing', undefined, undefined],
])('says why a request failed: %s', (_, error, reason) => {
  expect(reasonOf(error)).toBe(reason);
});
