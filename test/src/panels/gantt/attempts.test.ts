import { describe, expect, it } from 'vitest';
import { drawAttempt, missingStamps, type RawAttempt } from '../../../../src/panels/gantt/attempts.ts';

const raw = (stamps: Partial<RawAttempt>): RawAttempt => ({
  tryNumber: 1,
  state: 'success',
  scheduledAt: null,
  queuedAt: null,
  startDate: null,
  endDate: null,
  ...stamps,
});

const drawn = (stamps: Partial<RawAttempt>, readyAt: number | null = 0, previousEnd: number | null = null) =>
  drawAttempt(raw(stamps), readyAt, previousEnd).segments.map(({ kind, from, to }) => [kind, from, to]);

describe('segments of an attempt', () => {
  it.each([
    [
      'a finished one tells scheduler, slot and work apart',
      { scheduledAt: 5, queuedAt: 10, startDate: 30, endDate: 90 },
      [
        ['scheduler', 0, 10],
        ['slot', 10, 30],
        ['running', 30, 90],
      ],
    ],
    [
      'a running one goes on',
      { state: 'running', queuedAt: 10, startDate: 30 },
      [
        ['scheduler', 0, 10],
        ['slot', 10, 30],
        ['running', 30, null],
      ],
    ],
    [
      'a queued one waits for a slot',
      { state: 'queued', queuedAt: 10 },
      [
        ['scheduler', 0, 10],
        ['slot', 10, null],
      ],
    ],
    [
      'a queued one without its stamp waits for a slot all the same',
      { state: 'queued', scheduledAt: 5 },
      [
        ['scheduler', 0, 5],
        ['slot', 5, null],
      ],
    ],
    ['a queued one without any stamp does not wait for the scheduler', { state: 'queued' }, [['slot', 0, null]]],
    ['a deferred one without a start does not wait for the scheduler', { state: 'deferred' }, []],
    [
      'a scheduled one still waits for the scheduler to queue it',
      { state: 'scheduled', scheduledAt: 5 },
      [['scheduler', 0, null]],
    ],
    [
      'one without a state whose upstreams have ended waits for the scheduler',
      { state: null },
      [['scheduler', 0, null]],
    ],
    [
      'without queued_at the moment it was scheduled parts the waits',
      { scheduledAt: 5, startDate: 30, endDate: 90 },
      [
        ['scheduler', 0, 5],
        ['slot', 5, 30],
        ['running', 30, 90],
      ],
    ],
    [
      'without any stamp before the start all of the wait is before the start',
      { startDate: 30, endDate: 90 },
      [
        ['scheduler', 0, 30],
        ['running', 30, 90],
      ],
    ],
    [
      'a finished one without a start is not said to have waited for its slot all the time',
      { queuedAt: 10, endDate: 90 },
      [['scheduler', 0, 10]],
    ],
    [
      'clocks that differ draw no negative wait',
      { queuedAt: -20, startDate: 30, endDate: 90 },
      [
        ['slot', -20, 30],
        ['running', 30, 90],
      ],
    ],
    ['a skipped one did not wait', { state: 'skipped', queuedAt: 10, startDate: 30, endDate: 30 }, []],
    ['a task that skipped itself was running', { state: 'skipped', startDate: 30, endDate: 60 }, [['running', 30, 60]]],
    [
      'one that is up for retry waits after its end',
      { state: 'up_for_retry', queuedAt: 10, startDate: 30, endDate: 60 },
      [
        ['scheduler', 0, 10],
        ['slot', 10, 30],
        ['running', 30, 60],
        ['retry_delay', 60, null],
      ],
    ],
  ] as const)('%s', (_, stamps, expected) => {
    expect(drawn(stamps)).toEqual(expected);
  });

  it('a task that is not scheduled and whose upstreams are running has none', () => {
    expect(drawn({ state: null }, null)).toEqual([]);
  });

  it('a second attempt waits from the end of the first, not from its upstreams', () => {
    expect(drawn({ tryNumber: 2, scheduledAt: 200, queuedAt: 210, startDate: 220, endDate: 300 }, 0, 100)).toEqual([
      ['retry_delay', 100, 200],
      ['scheduler', 200, 210],
      ['slot', 210, 220],
      ['running', 220, 300],
    ]);
  });

  it.each([
    ['upstream_failed', { state: 'upstream_failed', startDate: 30, endDate: 30 }, 30],
    ['success without a start', { queuedAt: 10, endDate: 90 }, 90],
    ['success', { startDate: 30, endDate: 90 }, null],
    ['queued', { state: 'queued', queuedAt: 10 }, null],
  ] as const)('%s is marked where nothing else shows it', (_, stamps, expected) => {
    expect(drawAttempt(raw(stamps), null, null).markAt).toBe(expected);
  });
});

describe('missing timestamps', () => {
  it.each([
    ['success with all', { queuedAt: 1, startDate: 2, endDate: 3 }, []],
    ['success without an end', { queuedAt: 1, startDate: 2 }, ['end_date']],
    ['success without anything', {}, ['start_date', 'end_date']],
    ['running needs no end', { state: 'running', queuedAt: 1, startDate: 2 }, []],
    ['deferred without its start', { state: 'deferred' }, ['start_date']],
    ['queued without its timestamp', { state: 'queued', scheduledAt: 1 }, ['queued_at']],
    ['skipped needs none', { state: 'skipped' }, []],
    ['no status needs none', { state: null }, []],
    ['queued_at is missed once it has started', { startDate: 2, endDate: 3 }, ['queued_at']],
  ] as const)('%s', (_, stamps, expected) => {
    expect(missingStamps(raw(stamps))).toEqual(expected);
  });
});
