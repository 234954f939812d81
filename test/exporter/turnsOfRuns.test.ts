import { describe, expect, it } from 'vitest';
import type { ActiveRun } from '../../exporter/flow/waiting/activeRun.ts';
import type { RunRow } from '../../exporter/sources/rows.ts';
import { active, ageAfter, dag, poll, run, S, type World } from './polledWork.ts';
import { structure, task } from './taskRows.ts';

/** Airflow 3 examines and starts runs in its own order, 20 at a time. Times are in seconds, and `now` is 1,000. */
const SHAPE = structure({ first: [], second: ['first'] });
const after = (seconds: number): World => ({ nowUs: (1_000 + seconds) * S });

describe('a run of a backfill', () => {
  /** Its first task ended at 940, and the scheduler has not examined it since. */
  const waiting = (ordinal: number) =>
    active(
      run({ id: 5, run_id: 'r5', backfill_id: 7, backfill_ordinal: ordinal, decided_us: 930 * S }),
      [task('first', 910 * S, 940 * S, { run: 5 }), task('second', null, null, { run: 5, state: null })],
      SHAPE,
    );
  const examined = (ordinal: number | null, at: number) =>
    active(run({ id: 2, backfill_id: ordinal && 8, backfill_ordinal: ordinal, decided_us: at * S }), [], SHAPE);
  const ageWith = (ordinal: number | null, world: World = {}): number =>
    ageAfter(
      poll([waiting(3), examined(ordinal, 960)], world),
      poll([waiting(3), examined(ordinal, 1_019)], { ...world, ...after(20) }),
    );

  it('comes after those with a lower ordinal, even if these were examined a moment ago', () => {
    expect(ageWith(1)).toBe(1);
    expect(ageWith(9)).toBe(80);
  });

  it('comes in the order of examination since Airflow 3.4', () => {
    const since34 = { backfillsExaminedLast: false };
    expect([ageWith(1, since34), ageWith(null, since34), ageWith(null)]).toEqual([80, 80, 1]);
  });
});

describe('a queued run', () => {
  const room = { dags: [dag(), dag({ dag_id: 'e' })] };
  const of = (id: number, more: Partial<RunRow>) => active(run({ id, run_id: `r${id}`, ...more }), [], SHAPE);
  const queued = (more: Partial<RunRow> = {}) =>
    of(1, { state: 'queued', start_us: null, queued_us: 900 * S, after_us: 600 * S, ...more });
  const runningBeside = of(3, { start_us: 800 * S, after_us: 500 * S });
  const started = (dag_id: string, at: number, more: Partial<RunRow> = {}) =>
    of(2, { dag_id, start_us: at * S, after_us: 700 * S, ...more });
  const ageWith = (runs: ActiveRun[], world: World = {}): number => ageAfter(poll(runs, { ...room, ...world }));

  it('comes after those of DAGs with fewer running runs, even if it was due earlier', () => {
    expect(ageWith([queued(), runningBeside, started('e', 995)])).toBe(5);
    expect(ageWith([queued(), started('e', 995)])).toBe(100);
    expect(ageWith([queued(), runningBeside, started('e', 995)], { kind: 'airflow2' })).toBe(100);
  });

  it('of a backfill comes after those with a lower ordinal', () => {
    const backfills = [7, 8].map((id) => ({ id, is_paused: false, max_active_runs: 10 }));
    const mine = queued({ backfill_id: 7, backfill_ordinal: 3 });
    const other = (backfill_ordinal: number) => started('e', 995, { backfill_id: 8, backfill_ordinal });
    expect([1, 9].map((ordinal) => ageWith([mine, other(ordinal)], { backfills }))).toEqual([5, 100]);
  });
});

describe('a run that the scheduler overlooks', () => {
  /** Its first task ended at 940. It was last examined at 930, like another run that is then examined at each poll. */
  const locked = active(
    run({ decided_us: 930 * S }),
    [task('first', 910 * S, 940 * S), task('second', null, null, { state: null })],
    SHAPE,
  );
  const at = (seconds: number, ...beside: ActiveRun[]) => poll([locked, ...beside], after(seconds));
  const examined = (id: number, seconds: number) => active(run({ id, decided_us: (1_000 + seconds) * S }), [], SHAPE);

  it('is reported, even if new runs repeatedly come before it', () => {
    const polls = Array.from({ length: 40 }, (_, n) => at(2 * n, examined(2, 2 * n - 1), examined(10 + n, 2 * n - 1)));
    // When the other run was examined at 1,001, it came after this one. Another scheduler may have locked this one for 30 s.
    expect(ageAfter(...polls)).toBe(1_078 - (1_001 + 30));
  });

  it('is not reported if the scheduler only gets to new runs', () => {
    const polls = Array.from({ length: 40 }, (_, n) => at(2 * n, examined(2, -1), examined(10 + n, 2 * n - 1)));
    expect(ageAfter(...polls)).toBe(1);
  });

  it('is not reported for runs that were examined while something held it back', () => {
    const paused = { dags: [dag({ is_paused: true })] };
    const polls = Array.from({ length: 40 }, (_, n) => {
      const of = at(2 * n, examined(2, 2 * n - 1), examined(10 + n, 2 * n - 1));
      return n < 36 ? { ...of, limits: { ...of.limits, dags: new Map([['d', paused.dags[0]!]]) } } : of;
    });
    expect(ageAfter(...polls)).toBe(1);
  });

  it('is reported, even if runs that come before it are repeatedly started', () => {
    const queued = active(run({ state: 'queued', start_us: null, queued_us: 900 * S, after_us: 600 * S }), [], SHAPE);
    const started = (id: number, dag_id: string, seconds: number, due: number) =>
      active(run({ id, dag_id, start_us: (1_000 + seconds) * S, after_us: due * S }), [], SHAPE);
    const room = { dags: ['d', 'e', 'f'].map((dag_id) => dag({ dag_id })) };
    const polls = (...later: ActiveRun[]) =>
      Array.from({ length: 40 }, (_, n) =>
        poll([queued, ...later, started(10 + n, 'e', 2 * n - 1, 500)], { ...room, ...after(2 * n) }),
      );
    expect(ageAfter(...polls())).toBe(1);
    expect(ageAfter(...polls(started(2, 'f', 0, 700)))).toBe(1_078 - (1_000 + 30));
  });
});
