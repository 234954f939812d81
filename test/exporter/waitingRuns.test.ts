import { describe, expect, it } from 'vitest';
import type { ExplainedWait } from '../../exporter/flow/waiting/book.ts';
import type { ActiveRun } from '../../exporter/flow/waiting/activeRun.ts';
import type { RunRow } from '../../exporter/sources/rows.ts';
import { active, ageAfter, dag, NOW, poll, run, S, type World } from './polledWork.ts';
import { task } from './taskRows.ts';
import { done, none, scheduled, waitOf, YEARS_AGO } from './waits.ts';

describe('why a run waits', () => {
  const queued = (more: Partial<RunRow> = {}) => active(run({ state: 'queued', start_us: null, ...more }), [none]);
  const running = active(run({ id: 2, run_id: 'r2' }), []);

  it.each<[string, ActiveRun, World, ActiveRun[], Partial<ExplainedWait>]>([
    ['the scheduler', queued(), {}, [], { reason: 'scheduler', sinceUs: 800 * S }],
    [
      'max_active_runs, with the run that is running',
      queued(),
      { dags: [dag({ max_active_runs: 1 })] },
      [running],
      { reason: 'max_active_runs', blockersTotal: 1 },
    ],
    ['a pause', queued(), { dags: [dag({ is_paused: true })] }, [], { reason: 'dag_paused' }],
    ['its time', queued({ after_us: 2_000 * S }), {}, [], { reason: 'not_due', untilUs: 2_000 * S }],
    [
      'a backfill process of Airflow 2',
      queued({ run_type: 'backfill' }),
      { kind: 'airflow2' },
      [],
      { reason: 'backfill_process' },
    ],
    [
      'its paused backfill',
      queued({ backfill_id: 7 }),
      { backfills: [{ id: 7, is_paused: true, max_active_runs: 9 }] },
      [],
      { reason: 'backfill_paused' },
    ],
    [
      'the limit of its backfill',
      queued({ backfill_id: 7 }),
      { backfills: [{ id: 7, is_paused: false, max_active_runs: 1 }] },
      [active(run({ id: 2, backfill_id: 7 }), [])],
      { reason: 'max_active_runs' },
    ],
    [
      'the scheduler, if only runs of a backfill use up the DAG’s limit',
      queued(),
      { dags: [dag({ max_active_runs: 1 })] },
      [active(run({ id: 2, backfill_id: 7 }), [])],
      { reason: 'scheduler' },
    ],
    ['a limit that can’t be read', queued({ backfill_id: 7 }), { backfills: null }, [], { reason: 'unknown' }],
  ])('%s', (_name, of, world, beside, expected) => {
    expect(waitOf(of, null, world, beside)).toMatchObject(expected);
  });

  it('its logical date if Airflow 3 has started it early, because its tasks have to wait until then', () => {
    const early = active(run({ after_us: 800 * S, logical_us: 2_000 * S }), [none]);
    expect(waitOf(early, null)).toMatchObject({ reason: 'not_due', untilUs: 2_000 * S });
    expect(waitOf(early, 'second').reason).toBe('not_due');
    expect(waitOf(queued({ after_us: 800 * S, logical_us: 2_000 * S }), null).reason).toBe('scheduler');
    expect(ageAfter(poll([early]))).toBe(0);
  });

  it('its tasks wait for it, and a running task waits for nothing', () => {
    expect(waitOf(queued(), 'second').reason).toBe('run_queued');
    expect(waitOf(active(run(), [done]), null)).toBeNull();
  });
});

describe('the age of ready work', () => {
  const chain = [active(run(), [done, none])];
  const later = (seconds: number, runs: ActiveRun[], world: World = {}) =>
    poll(runs, { ...world, nowUs: NOW + seconds * S });

  it('is reported from the first poll, and grows', () => {
    expect(ageAfter(poll(chain))).toBe(50);
    expect(ageAfter(poll(chain), later(2, chain))).toBe(52);
  });

  it('counts from the poll that last saw the DAG paused, whatever had been ready before', () => {
    const paused = { dags: [dag({ is_paused: true })] };
    expect(ageAfter(poll(chain, paused))).toBe(0);
    expect(ageAfter(poll(chain, paused), later(2, chain))).toBe(2);
    expect(ageAfter(poll(chain, paused), later(2, chain), later(4, chain))).toBe(4);
  });

  it('counts from when a slot was last taken, even if no poll saw the pool full', () => {
    const pools = [{ pool: 'default_pool', slots: 1, include_deferred: false, team: null }];
    const contender = active(run(), [{ ...scheduled, scheduled_us: 500 * S }]);
    const ended = {
      run: run({ id: 2, end_us: 999 * S }),
      all: [task('first', 998 * S, 999 * S, { run: 2, queued_us: 997 * S })],
    };
    expect(ageAfter(poll([contender], { pools, ended: [ended] }))).toBe(1);
    // If the pool always had room, a task that comes later in the scheduler's order is no reason to wait.
    const behind = { ...ended, all: ended.all.map((one) => ({ ...one, priority_weight: 0 })) };
    expect(ageAfter(poll([contender], { ended: [behind] }))).toBe(500);
  });

  it('counts from when the DAG last had as many runs as max_active_runs allows', () => {
    const waiting = active(run({ state: 'queued', start_us: null }), []);
    const ended = { run: run({ id: 2, end_us: 995 * S }), all: [] };
    expect(ageAfter(poll([waiting], { ended: [ended], dags: [dag({ max_active_runs: 1 })] }))).toBe(5);
  });

  it('counts a due run from when it was first seen, not from a date years ago', () => {
    const due = (next_us: number) => ({ due: [{ dag_id: 'd', next_us }] });
    expect(ageAfter(poll([], due(YEARS_AGO)))).toBe(0);
    expect(ageAfter(poll([], due(YEARS_AGO)), later(2, [], due(YEARS_AGO)))).toBe(2);
    // The scheduler has created that run and continues with the next one.
    expect(ageAfter(poll([], due(YEARS_AGO)), later(2, [], due(YEARS_AGO + S)))).toBe(0);
    const full = { ...due(YEARS_AGO), dags: [dag({ max_active_runs: 1 })] };
    expect(ageAfter(poll([active(run(), [])], full), later(9, [active(run(), [])], full))).toBe(0);
  });

  it('counts a cleared task from when it was cleared', () => {
    const cleared = [active(run(), [done, { ...none, updated_us: 998 * S }])];
    expect(ageAfter(poll(cleared))).toBe(2);
  });
});
