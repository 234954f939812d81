import { describe, expect, it } from 'vitest';
import type { DagSummary, RunSummary, SourceStatus } from '../../../shared/api.ts';
import { completeSettings } from '../../../src/app/settings.ts';
import { judge } from '../../../src/datasource/health.ts';
import { flowStats, quantile } from '../../../src/pages/flows/flowStats.ts';
import { sourceVerdict } from '../../../src/pages/health/verdicts.ts';
import { MAX_LINKED_IDS, readQuestion, writeQuestion } from '../../../src/pages/lookup/urlState.ts';
import { addRecent, readRecent } from '../../../src/pages/lookup/recentSearches.ts';
import { timeParts } from '../../../src/pages/run/timeParts.ts';
import { verdictOf } from '../../../src/pages/run/verdict.ts';

describe('verdictOf', () => {
  it.each<[state: string, seconds: number | null, text: string, tone: string]>([
    ['success', 179.9, 'within the 3 min line', 'good'],
    ['success', 180, 'within the 3 min line', 'good'],
    ['success', 192, '12.0 s over the 3 min line', 'bad'],
    ['running', 60, '2 min 00 s left until the 3 min line', 'open'],
    ['running', 200, '20.0 s over the 3 min line', 'bad'],
    ['queued', null, 'not started; the line is 3 min', 'open'],
    ['failed', 10, 'failed', 'bad'],
  ])('%s after %s s: %s', (state, seconds, text, tone) => {
    expect(verdictOf(state, seconds, 180)).toEqual({ text, tone });
  });
});

it('shares the time of the critical path out, and counts no second twice or below zero', () => {
  const parts = timeParts({ steps: [], work_seconds: 6, scheduler_seconds: -0.2, slot_seconds: 2 });
  expect(parts.map((part) => [part.seconds, part.share])).toEqual([
    [6, 0.75],
    [0, 0],
    [2, 0.25],
  ]);
  expect(
    timeParts({ steps: [], work_seconds: 0, scheduler_seconds: 0, slot_seconds: 0 }).map((part) => part.share),
  ).toEqual([0, 0, 0]);
});

describe('flowStats', () => {
  const run = (state: string, duration_seconds: number | null): RunSummary =>
    ({ source: 's', dag_id: 'd', state, duration_seconds }) as RunSummary;
  const dag = (dag_id: string): DagSummary => ({
    source: 's',
    dag_id,
    is_paused: false,
    runs_active: 1,
    last_run: null,
  });

  it('counts outcomes, and failed runs against the promise', () => {
    const [stats] = flowStats(
      [dag('d')],
      [run('success', 10), run('success', 200), run('failed', 5), run('running', 1)],
      180,
    );
    expect(stats).toMatchObject({ runs: 4, success: 2, failed: 1, active: 1, p50: 10, p95: 200, withinLine: 1 / 3 });
  });

  it('keeps DAGs that did not run, after those that did', () => {
    const stats = flowStats([dag('a'), dag('d')], [run('success', 1)], 180);
    expect(stats.map((row) => [row.dagId, row.withinLine])).toEqual([
      ['d', 1],
      ['a', null],
    ]);
  });

  it.each([
    [[], 0.5, null],
    [[7], 0.99, 7],
    [[1, 2, 3, 4], 0.5, 2],
    [[1, 2, 3, 4], 0.95, 4],
  ])('quantile(%j, %s) is one that occurred: %s', (values, share, expected) => {
    expect(quantile(values, share)).toBe(expected);
  });
});

describe('sourceVerdict', () => {
  const source: SourceStatus = {
    source: 's',
    kind: 'runbeat',
    version: null,
    up: true,
    problem: null,
    lag_seconds: 1,
    catchup_progress: null,
    oldest_ready_task_age_seconds: 0,
  };
  it.each<[part: Partial<SourceStatus>, severity: string]>([
    [{}, 'success'],
    [{ up: false, problem: 'connection refused' }, 'error'],
    [{ oldest_ready_task_age_seconds: 61 }, 'error'],
    [{ oldest_ready_task_age_seconds: 60 }, 'success'],
    [{ lag_seconds: 90 }, 'warning'],
    [{ problem: 'no stamps' }, 'warning'],
    [{ catchup_progress: 0.4 }, 'info'],
  ])('%j: %s', (part, severity) => {
    expect(sourceVerdict({ ...source, ...part }).severity).toBe(severity);
  });

  it('says of work that waits for how long, also while that is no fault yet', () => {
    expect(sourceVerdict(source).title).toBe('read up to now; no ready work waits');
    const waiting = { ...source, oldest_ready_task_age_seconds: 14 };
    expect(sourceVerdict(waiting).title).toBe('read up to now; ready work has waited 14.0 s');
  });

  it('is what the data source’s test says too', () => {
    expect(judge([source]).status).toBe('success');
    expect(judge([source, { ...source, source: 't', up: false, problem: 'refused' }])).toEqual({
      status: 'error',
      message: 'The exporter answers, but can’t read t (refused).',
    });
    expect(judge([]).status).toBe('error');
  });
});

describe('the lookup’s URL', () => {
  const storage = () => {
    const kept = new Map<string, string>();
    return {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    };
  };

  it.each([
    { key: 'user_id', values: ['42'], dagId: undefined },
    { key: 'k', values: ['a b', '"', '🦊', '&='], dagId: 'd' },
  ])('asks again what was asked: %j', (question) => {
    const session = storage();
    const url = new URLSearchParams(writeQuestion(question, session).toString());
    expect(readQuestion(url, session)).toEqual(question);
  });

  it('finds an id at any time, and within the range of the URL where that is asked', () => {
    const url = new URLSearchParams('key=k&value=1&from=1767225600000&to=1767312000000');
    expect(readQuestion(url, storage())).toEqual({ key: 'k', values: ['1'], dagId: undefined });
    url.set('use_time_range', 'true');
    const bounds = { from: '2026-01-01T00:00:00.000Z', to: '2026-01-02T00:00:00.000Z' };
    expect(readQuestion(url, storage())).toMatchObject(bounds);
  });

  it('keeps more ids than a link can carry in the tab', () => {
    const session = storage();
    const values = Array.from({ length: MAX_LINKED_IDS + 1 }, (_, at) => `${at}`);
    const url = writeQuestion({ key: 'k', values }, session);
    expect(url.getAll('value')).toEqual([]);
    expect(readQuestion(url, session)?.values).toEqual(values);
  });

  it('asks nothing without ids', () => {
    expect(readQuestion(new URLSearchParams('key=user_id&value='), storage())).toBeNull();
  });

  it('remembers the newest searches, each once, and forgives a broken store', () => {
    const store = storage();
    for (let at = 0; at < 12; at++) addRecent(store, { query: `value=${at % 10}`, label: `${at}` });
    expect(
      readRecent(store)
        .map(({ query }) => query)
        .slice(0, 3),
    ).toEqual(['value=1', 'value=0', 'value=9']);
    expect(readRecent(store)).toHaveLength(8);
    store.setItem('runbeat.lookup.recent', '{broken');
    expect(readRecent(store)).toEqual([]);
  });
});

it('completes settings, and takes no promise of zero or nonsense', () => {
  expect(completeSettings({ flowSeconds: 0, transitionSeconds: Number.NaN, runsUid: '' })).toEqual(
    completeSettings(undefined),
  );
  expect(completeSettings({ flowSeconds: 60 }).flowSeconds).toBe(60);
});
