import { describe, expect, it } from 'vitest';
import { byTaskId, transitionTo } from '../../exporter/flow/transitions.ts';
import type { TaskRow } from '../../exporter/sources/rows.ts';
import type { TaskStructure } from '../../exporter/sources/structure.ts';
import { structure, task } from './taskRows.ts';

const diamond = { up1: [], up2: [], next: ['up1', 'up2'] };

function measure(next: TaskRow, upstreams: TaskRow[], definition: Partial<TaskStructure> = {}, clearNumber = 0) {
  return transitionTo(next, byTaskId([...upstreams, next]), structure(diamond, { next: definition }), clearNumber);
}

const fast = task('up1', 0, 100);
const slow = task('up2', 0, 500);

describe('a transition', () => {
  it.each([
    ['all_success', 'up2', 60],
    ['all_done', 'up2', 60],
    ['none_failed', 'up2', 60],
    ['none_failed_min_one_success', 'up2', 60],
    ['none_skipped', 'up2', 60],
    ['one_success', 'up1', 460],
    ['one_done', 'up1', 460],
  ])('under %s waits for %s', (trigger_rule, upstream, us) => {
    const fact = measure(task('next', 560, 600), [fast, slow], { trigger_rule });
    expect([fact?.upstream.task_id, fact?.us]).toEqual([upstream, us]);
  });

  it('under one_failed waits for the first upstream that failed', () => {
    const fact = measure(task('next', 560, 600), [fast, { ...slow, state: 'failed' }], { trigger_rule: 'one_failed' });
    expect(fact?.us).toBe(60);
  });

  it('under one_success does not count a skipped upstream as a success', () => {
    const fact = measure(task('next', 560, 600), [{ ...fast, state: 'skipped' }, slow], {
      trigger_rule: 'one_success',
    });
    expect(fact?.us).toBe(60);
  });

  it.each<[string, Partial<TaskRow>, number]>([
    ['a second attempt', { try_number: 2 }, 0],
    ['a task that was rescheduled', { rescheduled: true }, 0],
    ['a deferred task, queued again after its start', { queued_us: 570 }, 0],
    ['a skipped task', { state: 'skipped' }, 0],
    ['a task whose upstream failed', { state: 'upstream_failed' }, 0],
    ['a removed task', { state: 'removed' }, 0],
    ['a task of a cleared run', {}, 1],
    ['a task that a person marked', { try_number: 0, hostname: '', start_us: 600, end_us: 600 }, 0],
    // Airflow 2.10 and later begin a try when they schedule the task, so this one was waiting for a slot.
    ['a scheduled task that a person marked', { hostname: '', scheduled_us: 510, start_us: 600, end_us: 600 }, 0],
    ['a queued task that a person marked', { hostname: '', queued_us: 520, start_us: 600, end_us: 600 }, 0],
    ['a task that is still running', { state: 'running', end_us: null }, 0],
  ])('is not measured for %s', (_name, more, clearNumber) => {
    expect(measure({ ...task('next', 560, 600), ...more }, [fast, slow], {}, clearNumber)).toBeNull();
  });

  it.each([['always'], ['unheard_of_but_without_upstream']])(
    'is not measured if the task waited for nothing (%s)',
    (rule) => {
      const upstreams = rule === 'always' ? [fast, slow] : [];
      expect(measure(task('next', 560, 600), upstreams, { trigger_rule: rule })).toBeNull();
    },
  );

  it('is not measured for a task that also waits for the previous run, because it may have waited for that one', () => {
    expect(measure(task('next', 560, 600), [fast, slow], { depends_on_past: true })).toBeNull();
  });

  it('is not measured if nothing ran in the upstream that ended last, because the task waited for that one', () => {
    const rule = { trigger_rule: 'none_failed_min_one_success' };
    expect(measure(task('next', 560, 600), [fast, { ...slow, state: 'skipped' }], rule)).toBeNull();
    expect(measure(task('next', 560, 600), [{ ...fast, state: 'skipped' }, slow], rule)?.us).toBe(60);
  });

  it('is measured from an upstream that the scheduler ends by itself, but not from one that a person marked', () => {
    const byHand = task('up2', 500, 500, { try_number: 0, hostname: '' });
    expect(measure(task('next', 560, 600), [fast, byHand])).toBeNull();
    expect(measure(task('next', 560, 600), [fast, { ...byHand, operator: 'EmptyOperator' }], {})?.us).toBe(60);
  });

  it('measures setup and teardown edges separately', () => {
    const setup = structure(diamond, { up2: { is_setup: true } });
    expect(transitionTo(task('next', 560, 600), byTaskId([fast, slow]), setup, 0)).toBeNull();
    expect(measure(task('next', 560, 600), [fast, slow], { is_teardown: true })).toBeNull();
  });

  it('waits for all instances of a mapped upstream', () => {
    const mapped = [0, 1, 2].map((map_index) => task('up1', 0, 100 * map_index, { map_index }));
    expect(measure(task('next', 560, 600), mapped)?.us).toBe(360);
  });

  it('waits only for its own counterpart inside a mapped group', () => {
    const mapped = [0, 1].map((map_index) => task('up1', 0, 100 + 400 * map_index, { map_index }));
    const pairs = structure({ up1: [], next: ['up1'] }, { up1: { mapped_group: 'g' }, next: { mapped_group: 'g' } });
    const next = task('next', 130, 200, { map_index: 0 });
    expect(transitionTo(next, byTaskId([...mapped, next]), pairs, 0)?.us).toBe(30);
  });

  it('stays within an iteration of a loop, and reaches the next one through the gate', () => {
    const loop = (opens = false): object => ({ loop: { group: 'loop', gate: 'gate', opens } });
    const dag = structure(
      { begin: [], first: ['begin'], second: ['first'], gate: ['second'], after: ['gate'] },
      { first: loop(true), second: loop(), gate: loop() },
    );
    const iteration = (map_index: number, at: number): TaskRow[] =>
      ['first', 'second', 'gate'].map((id, place) =>
        task(id, at + 100 * place + 10, at + 100 * place + 100, { map_index }),
      );
    const after = task('after', 730, 800);
    const all = [task('begin', 0, 50), ...iteration(0, 100), ...iteration(1, 400), after];
    const rows = byTaskId(all);
    expect(
      all.map((one) => {
        const fact = transitionTo(one, rows, dag, 0);
        return fact && [fact.upstream.task_id, fact.upstream.map_index, fact.us];
      }),
    ).toEqual([
      null,
      ['begin', -1, 60],
      ['first', 0, 10],
      ['second', 0, 10],
      ['gate', 0, 10],
      ['first', 1, 10],
      ['second', 1, 10],
      ['gate', 1, 30],
    ]);
  });

  it('stays within an iteration of a loop if tasks are mapped in it, too', () => {
    const loop = { loop: { group: 'loop', gate: 'gate', opens: false } };
    const dag = structure({ mapped: [], next: ['mapped'], gate: ['next'] }, { mapped: loop, next: loop, gate: loop });
    const rows = [0, 1].flatMap((iteration) => [
      ...[0, 1].map((at) =>
        task('mapped', 0, 100 + 1_000 * iteration + 10 * at, { map_index: (iteration + 1) * 1_000_000 + at }),
      ),
      task('next', 150 + 1_000 * iteration, 200 + 1_000 * iteration, { map_index: iteration }),
    ]);
    const nexts = rows.filter((row) => row.task_id === 'next');
    expect(nexts.map((next) => transitionTo(next, byTaskId(rows), dag, 0)?.us)).toEqual([40, 40]);
  });

  it('is negative, and not clamped, if clocks differ', () => {
    expect(measure(task('next', 480, 600), [fast, slow])?.us).toBe(-20);
  });

  it('is split into noticed, queued and started if there are timestamps', () => {
    const fact = measure(task('next', 560, 600, { scheduled_us: 510, queued_us: 540 }), [fast, slow]);
    expect(fact).toMatchObject({ us: 60, noticed_us: 10, queued_us: 30, started_us: 20 });
  });

  it('has no noticed stage if the database lacks that timestamp, and leaves out stages that clock skew makes negative', () => {
    const two = measure(task('next', 560, 600, { queued_us: 540 }), [fast, slow]);
    expect(two).toMatchObject({ noticed_us: null, queued_us: 40, started_us: 20 });
    const early = measure(task('next', 560, 600, { scheduled_us: 490, queued_us: 540 }), [fast, slow]);
    expect(early).toMatchObject({ noticed_us: null, queued_us: 50, started_us: 20 });
  });
});
