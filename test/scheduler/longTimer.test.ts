import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { after } from '../../scheduler/execution/longTimer.ts';

const DAY_MS = 86_400_000;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

it('a timer of a hundred days fires after a hundred days, and not before', () => {
  const fired = vi.fn();
  after(100 * DAY_MS, fired);
  vi.advanceTimersByTime(100 * DAY_MS - 1);
  expect(fired).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(fired).toHaveBeenCalledOnce();
});

it('a timer that is cancelled in its second month never fires', () => {
  const fired = vi.fn();
  const timer = after(100 * DAY_MS, fired);
  vi.advanceTimersByTime(40 * DAY_MS);
  timer.cancel();
  vi.advanceTimersByTime(100 * DAY_MS);
  expect(fired).not.toHaveBeenCalled();
});
