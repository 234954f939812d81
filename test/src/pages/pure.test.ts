import { describe, expect, it } from 'vitest';
import type { DagSummary, PromiseStatus, RunSummary, SourceStatus } from '../../../shared/api.ts';
import { completeSettings } from '../../../src/app/settings.ts';
import { judge } from '../../../src/datasource/health.ts';
import { flowStats } from '../../../src/pages/flows/flowStats.ts';
import { sourceVerdict } from '../../../src/pages/health/verdicts.ts';
import { MAX_LINKED_IDS, readQuestion, writeQuestion } from '../../../src/pages/lookup/urlState.ts';
import { addRecent, readRecent } from '../../../src/pages/lookup/recentSearches.ts';
import { queuedFor } from '../../../src/pages/run/queuedFor.ts';
import { timeParts } from '../../../src/pages/run/timeParts.ts';
import { verdictOf } from '../../../src/pages/run/verdict.ts';
import { NO_TIME } from '../panels/plannedRun.ts';

describe('verdictOf', () => {
  it.each<[state: string, seconds: number | null, text: string, tone: string]>([
    ['success', 179.9, 'within the promised 3 min', 'good'],
    ['success', 180, 'within the promised 3 min', 'good'],
    ['success', 192, '12.0 s over the promised 3 min', 'bad'],
    ['running', 60, '2 min 00 s left of the promised 3 min', 'open'],
    ['running', 200, '20.0 s over the promised 3 min', 'bad'],
    ['queued', null, 'not started; promised: 3 min', 'open'],
  ])('%s after %s s: %s', (state, seconds, text, tone) => {
    expect(verdictOf(state, seconds, 180)).toEqual({ text, tone });
  });

  it.each([
    ['failed', 180],
    ['success', null],
  ])('has nothing to say of a %s run when %s s are promised', (state, limit) => {
    expect(verdictOf(state, 10, limit)).toBeNull();
  });
});

it('returns how long a run was in the queue, even while it still is', () => {
  const [queued_at, now] = ['2026-01-31T09:30:00Z', '2026-01-31T09:30:48Z'];
  expect(queuedFor({ state: 'queued', queue_seconds: null, queued_at, now })).toBe(48);
  expect(queuedFor({ state: 'queued', queue_seconds: null, queued_at: null, now })).toBeNull();
  expect(queuedFor({ state: 'running', queue_seconds: 2, queued_at, now })).toBe(2);
});

it('divides the time of the critical path, and counts no second twice and none below zero', () => {
  const none = { ...NO_TIME, steps: [], tail_seconds: 0 };
  const parts = timeParts({ ...none, work_seconds: 6, scheduler_seconds: -0.2, slot_seconds: 1, retry_seconds: 1 });
  expect(parts.map((part) => [part.seconds, part.share])).toEqual([
    [6, 0.75],
    [0, 0],
    [1, 0.125],
    [1, 0.125],
  ]);
  expect(timeParts(none).map((part) => part.share)).toEqual([0, 0, 0]);
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
    owner: null,
    tags: [],
    usual: null,
  });

  const promised = {
    ...{ promise: 'p', kind: 'ends_within', source: 's', dag_id: 'd', limit_seconds: 180, share: 0.95 },
  } as PromiseStatus;

  it('judges only DAGs with a promise, by the shortest of several', () => {
    const other = { ...promised, dag_id: 'other', limit_seconds: 1 };
    const tight = { ...promised, limit_seconds: 100 };
    const inTime = (promises: PromiseStatus[]) => flowStats([], [run('success', 150)], promises)[0]!.inTime;
    expect([inTime([]), inTime([other]), inTime([promised]), inTime([promised, tight])]).toEqual([null, null, 1, 0]);
  });

  it('counts outcomes, and failed runs against the promise', () => {
    const [stats] = flowStats(
      [dag('d')],
      [run('success', 10), run('success', 200), run('failed', 5), run('running', 1)],
      [promised],
    );
    expect(stats).toMatchObject({ runs: 4, success: 2, failed: 1, active: 1, p50: 10, p95: 200, inTime: 1 / 3 });
  });

  it('counts an active run as broken as soon as its limit has passed, e.g. during an outage', () => {
    const inTime = (...runs: RunSummary[]) => flowStats([], runs, [promised])[0]!.inTime;
    expect(inTime(run('success', 10), run('running', 170))).toBe(1);
    expect(inTime(run('success', 10), run('running', 190))).toBe(0.5);
    expect(inTime(run('running', 170))).toBeNull();
  });

  it('keeps DAGs that did not run, after those that did', () => {
    const stats = flowStats([dag('a'), dag('d')], [run('success', 1)], [promised]);
    expect(stats.map((row) => [row.dagId, row.inTime])).toEqual([
      ['d', 1],
      ['a', null],
    ]);
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
    oldest_ready: null,
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

  it('says for how long work has waited, even before that is a fault', () => {
    expect(sourceVerdict(source).title).toBe('is up to date; no ready work is waiting');
    const waiting = { ...source, oldest_ready_task_age_seconds: 14 };
    expect(sourceVerdict(waiting).title).toBe('is up to date; ready work has waited 14.0 s');
  });

  it('is also the result of the data source’s test', () => {
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
  ])('restores the query: %j', (question) => {
    const session = storage();
    const url = new URLSearchParams(writeQuestion(question, session).toString());
    expect(readQuestion(url, session)).toEqual(question);
  });

  it('finds an id at any time, or within the range of the URL if that is selected', () => {
    const url = new URLSearchParams('key=k&value=1&from=1767225600000&to=1767312000000');
    expect(readQuestion(url, storage())).toEqual({ key: 'k', values: ['1'], dagId: undefined });
    url.set('use_time_range', 'true');
    const bounds = { from: '2026-01-01T00:00:00.000Z', to: '2026-01-02T00:00:00.000Z' };
    expect(readQuestion(url, storage())).toMatchObject(bounds);
    for (const [name, value] of Object.entries(bounds)) url.set(name, value);
    expect(readQuestion(url, storage())).toMatchObject(bounds);
    url.set('from', '2026-01-01T05:30:00+05:30');
    expect(readQuestion(url, storage())).toMatchObject(bounds);
  });

  it('keeps ids in the tab if they are too many for a link', () => {
    const session = storage();
    const values = Array.from({ length: MAX_LINKED_IDS + 1 }, (_, at) => `${at}`);
    const url = writeQuestion({ key: 'k', values }, session);
    expect(url.getAll('value')).toEqual([]);
    expect(readQuestion(url, session)?.values).toEqual(values);
  });

  it('sends no query without ids', () => {
    expect(readQuestion(new URLSearchParams('key=user_id&value='), storage())).toBeNull();
  });

  it('remembers the newest searches, each once, and tolerates a broken store', () => {
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

it('completes settings, and ignores invalid limits', () => {
  expect(completeSettings({ transitionSeconds: 0, runsUid: '' })).toEqual(completeSettings(undefined));
  expect(completeSettings({ transitionSeconds: Number.NaN }).transitionSeconds).toBe(3);
  expect(completeSettings({ transitionSeconds: 60 }).transitionSeconds).toBe(60);
});
