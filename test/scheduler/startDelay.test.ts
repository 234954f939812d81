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

  it('of a short attempt is written together with its end', async () => {
    delay.note(30);
    expect(await delay.rest()).toBe(30);
    vi.runAllTimers();
    expect(written).toEqual([]);
  });

  it('of a long attempt is written while it runs, and not again with its end', async () => {
    delay.note(30);
    vi.runAllTimers();
    expect(written).toEqual([30]);
    expect(await delay.rest()).toBe(0);
  });

  it('adds only the difference with the end if it turns out to be longer', async () => {
    delay.note(40);
    vi.runAllTimers();
    delay.note(55);
    expect(await delay.rest()).toBe(15);
    expect(written).toEqual([40]);
  });
});
