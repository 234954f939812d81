import { describe, expect, it } from 'vitest';
import type { RunRow, TaskRow } from '../../exporter/sources/rows.ts';
import { active, ageAfter, dag, NOW, poll, run, S, type World } from './polledWork.ts';
import { structure, task } from './taskRows.ts';
import { waitOf } from './waits.ts';

/** Rows as Airflow 3.3.2 wrote them on a busy machine. Times are in seconds, and `now` is 1,000. */
const SHAPE = structure({ first: [], left: ['first'], right: ['first'], last: ['left', 'right'] });
const WEIGHTS: Record<string, number> = { first: 4, left: 2, right: 2, last: 1 };

const of = (name: string, run_id: number, more: Partial<TaskRow> = {}): TaskRow =>
  task(name, null, null, { run: run_id, priority_weight: WEIGHTS[name]!, state: null, try_number: 0, ...more });
const queued = (name: string, run_id: number, at: number): TaskRow =>
  of(name, run_id, { state: 'running', try_number: 1, queued_us: at * S, start_us: (at + 3) * S });
const done = (name: string, run_id: number, end: number): TaskRow =>
  of(name, run_id, { state: 'success', queued_us: (end - 4) * S, start_us: (end - 1) * S, end_us: end * S });
const later = (seconds: number): World => ({ nowUs: NOW + seconds * S });

describe('a scheduled task', () => {
  const waiting = (more: Partial<RunRow> = {}) =>
    active(
      run({ logical_us: 300 * S, ...more }),
      [
        ...['first', 'left', 'right'].map((name) => done(name, 1, 925)),
        of('last', 1, { state: 'scheduled', scheduled_us: 929 * S }),
      ],
      SHAPE,
    );
  const beside = (name: string, logical: number, at = 998) =>
    active(run({ id: 2, run_id: 'r2', logical_us: logical * S }), [queued(name, 2, at)], SHAPE);

  it.each<[string, number, ReturnType<typeof beside>]>([
    ['is ready since a task with a higher priority_weight was queued', 2, beside('first', 600)],
    ['is ready since a task with the same weight and an earlier date was queued', 2, beside('last', 0)],
    ['is ready since a task of the same rank was queued', 2, beside('last', 300)],
    ['is reported if a task with a later date was queued before it', 71, beside('last', 600)],
    ['is reported if nothing was queued since', 71, beside('first', 0, 900)],
  ])('%s', (_name, age, other) => {
    expect(ageAfter(poll([waiting(), other]))).toBe(age);
  });

  it('is reported as soon as nothing is queued any more, e.g. while the pools are locked', () => {
    const runs = [waiting(), beside('first', 600)];
    expect(ageAfter(poll(runs), poll(runs, later(30)))).toBe(32);
  });

  it.each([
    ['handles other work first', [beside('first', 600)], 'The scheduler handles other work first; nothing else holds'],
    ['should have acted', [beside('last', 600)], 'The scheduler should have acted: nothing else holds'],
    ['should have acted', [beside('first', 600, 980)], 'The scheduler should have acted'],
  ])('says that the scheduler %s', (_what, others, words) => {
    expect(waitOf(waiting(), 'last', {}, others)).toMatchObject({
      reason: 'scheduler',
      detail: expect.stringContaining(words),
    });
  });

  it('does not blame the scheduler in words as long as it can’t have acted yet', () => {
    const fresh = active(run(), [done('first', 1, 995), of('left', 1)], SHAPE);
    expect(waitOf(fresh, 'left').detail).toBe("It is the scheduler's turn: nothing else holds the task back.");
  });

  it('takes tasks into account that were queued in runs that have ended', () => {
    const { run: ended, all } = beside('first', 600);
    expect(ageAfter(poll([waiting()], { ended: [{ run: { ...ended, end_us: 999 * S }, all }] }))).toBe(2);
  });

  it('is measured by the database’s clock if the scheduler’s differs', () => {
    expect(ageAfter(poll([waiting(), beside('first', 600)], { schedulerSkewUs: -5 * S }))).toBe(0);
    expect(ageAfter(poll([waiting(), beside('first', 600)], { schedulerSkewUs: 5 * S }))).toBe(7);
  });
});

describe('a task that is not scheduled yet', () => {
  /** Its first task ended at 958. The scheduler last examined the run at 951. */
  const locked = active(run({ decided_us: 951 * S }), [done('first', 1, 958), of('left', 1)], SHAPE);
  const other = (looked: number | null, id = 2, more: Partial<RunRow> = {}) =>
    active(
      run({ id, run_id: `r${id}`, decided_us: looked === null ? null : looked * S, ...more }),
      [queued('first', id, 900)],
      SHAPE,
    );

  it('is ready since the scheduler examined a run that it had not examined for longer', () => {
    expect(ageAfter(poll([locked, other(940)]), poll([locked, other(999)], later(1)))).toBe(2);
    expect(ageAfter(poll([locked, other(null)]), poll([locked, other(999)], later(1)))).toBe(2);
  });

  it('is reported if the scheduler examines other runs repeatedly, but not its run', () => {
    const looks = [940, 952, 970, 985, 999];
    expect(ageAfter(...looks.map((at, step) => poll([locked, other(at)], later(step))))).toBe(46);
  });

  it('is not reported as overlooked if a task of another run writes back an older timestamp of its run', () => {
    // As in Airflow 2.11 for runs with deferred tasks: the timestamp goes back from 970 to 945.
    const polls = [
      [other(940), other(950, 3)],
      [other(970), other(950, 3)],
      [other(945), other(950, 3)],
      [other(945), other(1_003, 3)],
    ];
    expect(ageAfter(...polls.map((others, step) => poll([locked, ...others], later(step + 1))))).toBe(1);
  });

  it('is not ready if its run was examined after that and then got back its older timestamp', () => {
    const examined = (at: number) => ({ ...locked, run: { ...locked.run, decided_us: at * S } });
    const polls = [951, 970, 951].map((at, step) => poll([examined(at), other(940)], later(step)));
    expect(ageAfter(...polls)).toBe(0);
  });

  it('is reported if the scheduler examines no runs', () => {
    expect(ageAfter(poll([locked, other(940)]), poll([locked, other(940)], later(60)))).toBe(102);
  });

  it('is reported if the scheduler examines only runs of a backfill, which come last', () => {
    const backfill = (at: number) => other(at, 2, { backfill_id: 7 });
    expect(ageAfter(poll([locked, backfill(940)]), poll([locked, backfill(999)], later(1)))).toBe(43);
  });
});

describe('a run that waits to be started or created', () => {
  const room = { dags: [dag(), dag({ dag_id: 'e' })] };
  const queuedRun = active(run({ state: 'queued', start_us: null, queued_us: 900 * S, after_us: 600 * S }), []);
  const started = (after: number) =>
    active(run({ id: 2, run_id: 'r2', dag_id: 'e', after_us: after * S, start_us: 995 * S, due_us: after * S }), []);

  it('is ready since a run that was due earlier was started, and is reported if only later runs are started', () => {
    expect(ageAfter(poll([queuedRun, started(500)], room))).toBe(5);
    expect(ageAfter(poll([queuedRun, started(700)], room))).toBe(100);
  });

  it('is ready since a run that was due earlier was created, and is reported if only later runs are created', () => {
    const due = { ...room, due: [{ dag_id: 'd', next_us: 600 * S }] };
    const made = (after: number, at: number) => {
      const one = started(after);
      return { ...one, run: { ...one.run, queued_us: at * S } };
    };
    const ageOf = (after: number) =>
      ageAfter(poll([made(after, 990)], due), poll([made(after, 1_030)], { ...due, ...later(40) }));
    expect(ageOf(500)).toBe(10);
    expect(ageOf(700)).toBe(40);
  });
});
