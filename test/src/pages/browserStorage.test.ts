import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { browserStorage } from '../../../src/pages/lookup/browserStorage.ts';

const storage = browserStorage('localStorage', '1.7');

beforeEach(() => window.localStorage.clear());
afterEach(() => void vi.restoreAllMocks());

it('keeps what the browser stores', () => {
  storage.setItem('a', '1');
  expect(window.localStorage.getItem('a.1.7')).toBe('1');
  expect(storage.getItem('a')).toBe('1');
});

it('does not show what another person has stored in the same browser', () => {
  storage.setItem('a', '1');
  expect(browserStorage('localStorage', '1.8').getItem('a')).toBeNull();
});

it('keeps in memory what a browser refuses to store, until it accepts it again', () => {
  const refused = vi.spyOn(window, 'localStorage', 'get').mockImplementation(() => {
    throw new DOMException('The operation is insecure.', 'SecurityError');
  });
  expect(storage.getItem('b')).toBeNull();
  storage.setItem('b', '2');
  expect(storage.getItem('b')).toBe('2');
  refused.mockRestore();
  storage.setItem('b', '3');
  expect(storage.getItem('b')).toBe('3');
  expect(window.localStorage.getItem('b.1.7')).toBe('3');
});
