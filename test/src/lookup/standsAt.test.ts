import { expect, it } from 'vitest';
import type { RunProgress, Waiting, WaitingReason } from '../../../shared/api.ts';
import type { DagRunState } from '../../../shared/states.ts';
import { standsAt } from '../../../src/lookup/standsAt.ts';

const NOW = '2026-01-01T12:00:30Z';
const since = '2026-01-01T12:00:18Z';
const task = (task_id: string, state: 'running' | 'failed' | 'queued', map_index = -1) => ({
  task_id,
  state,
  map_index,
  since,
  waiting: null,
});
const open = { progress: null, state: 'running', now: NOW, expected_end: null, waiting: null } as const;
const waitingOf = (part: Partial<Waiting>): Waiting => ({
  ...{ reason: 'unknown', since, until: null, detail: 'A sentence.', blockers: [], blockers_total: 0 },
  ...part,
});
const progress = (current: RunProgress['current'], done = 17, total = 40): RunProgress => ({
  tasks_done: done,
  tasks_total: total,
  current,
});

it.each<[what: string, progress: RunProgress, state: string, words: string]>([
  [
    'a task that runs, and since when',
    progress([task('check', 'running')]),
    'running',
    'check running for 12.0 s · 17 of 40 tasks',
  ],
  ['a mapped task', progress([task('scan', 'queued', 3)]), 'running', 'scan[3] queued for 12.0 s · 17 of 40 tasks'],
  [
    'what a failed run failed at, without a clock',
    progress([task('check', 'failed')]),
    'failed',
    'check failed · 17 of 40 tasks',
  ],
  [
    'two of many, and how many more',
    progress(['a', 'b', 'c', 'd'].map((id) => task(id, 'running'))),
    'failed',
    'a running, b running and 2 more · 17 of 40 tasks',
  ],
  ['a finished run by its count', progress([], 40), 'success', '40 of 40 tasks'],
  ['a run that has no tasks yet', progress([], 0, 0), 'queued', 'no tasks yet'],
])('tells of %s', (_, given, state, words) => {
  expect(standsAt({ ...open, progress: given, state: state as DagRunState })).toBe(words);
});

it.each([
  ['2026-01-01T12:01:10Z', '17 of 40 tasks · expected to end in 40.0 s'],
  ['2026-01-01T12:00:20Z', '17 of 40 tasks · expected to end 10.0 s ago'],
])('says when the run is expected to end: %s', (expected_end, words) => {
  expect(standsAt({ ...open, progress: progress([]), expected_end })).toBe(words);
  expect(standsAt({ ...open, state: 'success', progress: progress([]), expected_end })).toBe('17 of 40 tasks');
});

it('says what a task and a run wait for', () => {
  const held = { ...task('scan', 'queued'), waiting: waitingOf({ reason: 'pool_full' }) };
  expect(standsAt({ ...open, progress: progress([held]) })).toBe('scan waiting: pool full for 12.0 s · 17 of 40 tasks');
  const paused = waitingOf({ reason: 'dag_paused', since: null });
  expect(standsAt({ ...open, progress: null, waiting: paused })).toBe('waiting: DAG paused');
  const retry = waitingOf({ reason: 'retry', until: '2026-01-01T12:01:00Z' });
  expect(standsAt({ ...open, progress: null, waiting: retry })).toBe('waiting: retry in 30.0 s');
});

it('shows the name of a reason that this version does not know', () => {
  const waiting = waitingOf({ reason: 'solar_eclipse' as WaitingReason, since: null });
  expect(standsAt({ ...open, progress: null, waiting })).toBe('waiting: solar_eclipse');
});
