import { expect, it } from 'vitest';
import type { RunProgress } from '../../../shared/api.ts';
import { standsAt } from '../../../src/lookup/standsAt.ts';

const NOW = Date.UTC(2026, 0, 1, 12, 0, 30);
const since = '2026-01-01T12:00:18Z';
const task = (task_id: string, state: 'running' | 'failed' | 'queued', map_index = -1) => ({
  task_id,
  state,
  map_index,
  since,
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
  expect(standsAt(given, state, NOW)).toBe(words);
});
