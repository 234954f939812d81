import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StartDelay } from '../../scheduler/services/startDelay.ts';

describe('the delay of a start', () => {
  let written: number[];
  let delay: StartDelay;
  beforeEach(() => {
    vi.useFakeTimers();
    written = [];
    delay = new StartDelay((milliseconds) => {
      written.push(milliseconds);
      return Promise.resolve();
    });
  });
  afterEach(() => vi.useRealTimers());

  it('of a short attempt is left to the write of its end', async () => {
    delay.note(30);
    expect(await delay.rest()).toBe(30);
    vi.runAllTimers();
    expect(written).toEqual([]);
  });

  it('of an attempt that runs on is written meanwhile, and not again with its end', async () => {
    delay.note(30);
    vi.runAllTimers();
    expect(written).toEqual([30]);
    expect(await delay.rest()).toBe(0);
  });

  it('that turns out to be longer has only the difference written with the end', async () => {
    delay.note(40);
    vi.runAllTimers();
    delay.note(55);
    expect(await delay.rest()).toBe(15);
    expect(written).toEqual([40]);
  });
});
