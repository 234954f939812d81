import { describe, expect, it } from 'vitest';
import { active, ageAfter, NOW, poll, run, S, type World } from './polledWork.ts';
import { done, holder, none } from './waits.ts';

/** Seconds after the first poll. */
const later = (seconds: number): World => ({ nowUs: NOW + seconds * S });

describe('work whose row was committed long after its timestamps', () => {
  const before = active(run(), [holder(), none]);
  // Its end was 50 s before the first poll, which still saw it running.
  const after = active(run(), [done, none]);

  it('is ready since the last poll that did not see it, and gets older from then on', () => {
    expect(ageAfter(poll([before]), poll([after], later(5)))).toBe(5);
    expect(ageAfter(poll([before]), poll([after], later(5)), poll([after], later(9)))).toBe(9);
  });

  it('is ready since its timestamps if no poll before could have seen it', () => {
    expect(ageAfter(poll([after], later(5)))).toBe(55);
    expect(ageAfter(poll([after], later(5)), poll([after], later(9)))).toBe(59);
  });

  it('counts in the same way if it is a run', () => {
    const queued = active(run({ id: 2, run_id: 'r2', state: 'queued', start_us: null, queued_us: 900 * S }), []);
    expect(ageAfter(poll([]), poll([queued], later(5)), poll([queued], later(9)))).toBe(9);
    expect(ageAfter(poll([queued], later(5)))).toBe(105);
  });

  it('stays left alone for a reason that is not in the database, however many polls see it', () => {
    const looked = active(run({ decided_us: 1_030 * S }), [done, none]);
    const polls = [40, 45, 50].map((seconds) => poll([looked], later(seconds)));
    expect(ageAfter(poll([before]), ...polls)).toBe(0);
  });
});
