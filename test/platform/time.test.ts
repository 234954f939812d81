import { describe, expect, it, vi } from 'vitest';
import { AtRest } from '../../platform/time/atRest.ts';
import { Backoff, retry } from '../../platform/time/backoff.ts';
import { Deadline } from '../../platform/time/deadline.ts';
import { isDoneWithin } from '../../platform/time/within.ts';

describe('back-off', () => {
  it('grows up to its limit, differs between processes, and restarts from the shortest delay after a success', () => {
    const [one, two] = [new Backoff({ firstMs: 50, maxMs: 5_000 }), new Backoff({ firstMs: 50, maxMs: 5_000 })];
    const pauses = Array.from({ length: 12 }, () => [one.next(), two.next()]);
    for (const pair of pauses) for (const pause of pair) expect(pause).toBeLessThanOrEqual(5_000);
    expect(Math.min(...pauses.at(-1)!)).toBeGreaterThan(500);
    expect(new Set(pauses.map(([a, b]) => a === b))).toContain(false);
    one.reset();
    expect(one.next()).toBeLessThan(500);
  });

  it('repeats after transient errors, and throws others at once', async () => {
    const work = vi.fn<() => Promise<string>>().mockRejectedValueOnce(new Error('later')).mockResolvedValue('done');
    const isRetryable = (error: unknown): boolean => (error as Error).message === 'later';
    await expect(retry(work, { isRetryable, firstMs: 1 })).resolves.toBe('done');
    const broken = vi.fn().mockRejectedValue(new Error('never'));
    await expect(retry(broken, { isRetryable })).rejects.toThrow('never');
    expect(broken).toHaveBeenCalledOnce();
  });

  it('ends its pause when it is stopped', async () => {
    const stop = new AbortController();
    const onRetry = (): void => stop.abort();
    const work = (): Promise<never> => Promise.reject(new Error('away'));
    const options = { isRetryable: () => true, onRetry, signal: stop.signal, firstMs: 3_600_000, maxMs: 3_600_000 };
    await expect(retry(work, options)).rejects.toThrow('away');
  });
});

describe('waiting for a limited time', () => {
  it('returns whether the work was done in time, and leaves no timer behind', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    await expect(isDoneWithin(new Promise<never>(() => undefined), 1)).resolves.toBe(false);
    await expect(isDoneWithin(Promise.resolve(), 3_600_000)).resolves.toBe(true);
    await expect(isDoneWithin(Promise.reject(new Error('broken')), 3_600_000)).rejects.toThrow('broken');
    expect(timers()).toBe(before);
  });
});

describe('a deadline', () => {
  it('is not moved by a wall clock that is set back', () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'], now: Date.UTC(2026, 0, 1) });
    const deadline = Deadline.after(1_000);
    vi.setSystemTime(Date.UTC(2025, 0, 1));
    expect(deadline.hasPassed).toBe(false);
    vi.advanceTimersByTime(1_000);
    expect(deadline.hasPassed).toBe(true);
    expect(deadline.orSooner(Deadline.after(5))).toBe(deadline);
    vi.useRealTimers();
  });
});

it('continuous changes cause one action, once they have stopped', () => {
  vi.useFakeTimers();
  try {
    const act = vi.fn();
    const rest = new AtRest(1_500, act);
    for (const pause of [0, 1_000, 1_000]) {
      vi.advanceTimersByTime(pause);
      rest.note();
    }
    vi.advanceTimersByTime(1_499);
    expect(act).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(act).toHaveBeenCalledOnce();
    rest.note();
    rest.cancel();
    vi.advanceTimersByTime(9_000);
    expect(act).toHaveBeenCalledOnce();
  } finally {
    vi.useRealTimers();
  }
});
