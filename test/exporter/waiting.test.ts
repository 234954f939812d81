import { describe, expect, it } from 'vitest';
import { WaitBook, type ExplainedWait } from '../../exporter/flow/waiting/book.ts';
import type { ActiveRun } from '../../exporter/flow/waiting/activeRun.ts';
import type { TaskRow } from '../../exporter/sources/rows.ts';
import { active, dag, poll, run, S, type World } from './polledWork.ts';
import { structure, task } from './taskRows.ts';
import { done, holder, NOBODY, none, scheduled, waitOf } from './waits.ts';

describe('why a task waits', () => {
  it.each<[string, TaskRow[], World, Partial<ExplainedWait>, RegExp]>([
    ['upstream tasks', [holder(), none], {}, { reason: 'upstream', blockersTotal: 1 }, /Waits for first \(1 left\)/],
    [
      'nothing, so that the scheduler should have acted',
      [done, none],
      {},
      { reason: 'scheduler', sinceUs: 950 * S },
      /should have/,
    ],
    [
      'the executor',
      [done, { ...scheduled, state: 'queued', queued_us: 970 * S }],
      {},
      { reason: 'executor', sinceUs: 970 * S },
      /no worker has started it/,
    ],
    [
      'a trigger',
      [done, { ...none, state: 'deferred', updated_us: 940 * S, trigger_timeout_us: 2_000 * S }],
      {},
      { reason: 'trigger', sinceUs: 940 * S, untilUs: 2_000 * S },
      /Deferred/,
    ],
    [
      'the time for which it was rescheduled',
      [done, { ...none, state: 'up_for_reschedule', next_try_us: 1_060 * S }],
      {},
      { reason: 'next_poke', untilUs: 1_060 * S },
      /rescheduled for a later time/,
    ],
    [
      'a DAG that was removed, not a retry that will never come',
      [done, { ...none, state: 'up_for_retry', next_try_us: 1_060 * S }],
      { dags: [] },
      { reason: 'dag_missing', untilUs: null },
      /no longer in any file/,
    ],
    [
      'a paused DAG, not the next poke',
      [done, { ...none, state: 'up_for_reschedule', next_try_us: 1_060 * S }],
      { dags: [dag({ is_paused: true })] },
      { reason: 'dag_paused', untilUs: null },
      /DAG d is paused/,
    ],
    ['a paused DAG', [done, none], { dags: [dag({ is_paused: true })] }, { reason: 'dag_paused' }, /DAG d is paused/],
    ['a DAG that was removed', [done, none], { dags: [] }, { reason: 'dag_missing' }, /no longer in any file/],
    [
      'a pool that is not there',
      [done, { ...scheduled, pool: 'gone' }],
      {},
      { reason: 'pool_unusable' },
      /there is no pool "gone"/,
    ],
    [
      'a pool too small for it',
      [done, { ...scheduled, pool_slots: 200 }],
      {},
      { reason: 'pool_unusable' },
      /needs 200 slots, but pool "default_pool" only has 128/,
    ],
  ])('%s', (_name, tasks, world, expected, words) => {
    const wait = waitOf(active(run(), tasks), 'second', world);
    expect(wait).toMatchObject(expected);
    expect(wait.detail).toMatch(words);
  });

  const small = [{ pool: 'default_pool', slots: 1, include_deferred: false, team: null }];

  it('a full pool, with the tasks that hold it', () => {
    const other = active(run({ id: 2, run_id: 'r2' }), [holder({ run: 2 })]);
    const wait = waitOf(active(run(), [done, scheduled]), 'second', { pools: small }, [other]);
    expect(wait).toMatchObject({ reason: 'pool_full', sinceUs: 960 * S, blockersTotal: 1 });
    expect(wait.blockers).toEqual([{ dag_id: 'd', run_id: 'r2', task_id: 'first', map_index: -1 }]);
    expect(wait.detail).toBe('Pool "default_pool" is full: 1 of 1 slots are in use by first.');
  });

  it('a pool held by a deferred task, only if the pool counts deferred tasks', () => {
    const deferred = active(run({ id: 2 }), [holder({ run: 2, state: 'deferred' })]);
    const asked = (include_deferred: boolean) =>
      waitOf(active(run(), [done, scheduled]), 'second', { pools: [{ ...small[0]!, include_deferred }] }, [deferred]);
    expect([asked(true).reason, asked(false).reason]).toEqual(['pool_full', 'scheduler']);
  });

  it('max_active_tasks, which limits the DAG before Airflow 3 and in the bundled scheduler, and the run since', () => {
    const world = { dags: [dag({ max_active_tasks: 1 })] };
    const beside = [active(run({ id: 2 }), [holder({ run: 2 })])];
    const of = active(run(), [done, scheduled]);
    const reasons = (['airflow2', 'runbeat', 'airflow3'] as const).map(
      (kind) => waitOf(of, 'second', { ...world, kind }, beside).reason,
    );
    expect(reasons).toEqual(['max_active_tasks', 'max_active_tasks', 'scheduler']);
    const own = active(run(), [holder(), scheduled]);
    expect(waitOf(own, 'second', world).reason).toBe('max_active_tasks');
  });

  it('limits of the task over all runs and in one run', () => {
    const beside = [active(run({ id: 2 }), [holder({ run: 2, task_id: 'second' })])];
    const limited = (more: object) =>
      active(run(), [done, scheduled], structure({ first: [], second: ['first'] }, { second: more }));
    expect(waitOf(limited({ max_active_instances: 1 }), 'second', {}, beside).reason).toBe('task_limit');
    expect(waitOf(limited({ max_active_per_run: 1 }), 'second', {}, beside).reason).toBe('scheduler');
    const mapped = active(
      run(),
      [done, { ...scheduled, map_index: 0 }, holder({ task_id: 'second', map_index: 1 })],
      limited({ max_active_per_run: 1 }).structure,
    );
    expect(waitOf(mapped, 'second').reason).toBe('task_limit_per_run');
  });

  it('a limit of the task, towards which deferred tasks count since Airflow 3.2', () => {
    const limited = structure({ first: [], second: ['first'] }, { second: { max_active_instances: 1 } });
    const of = active(run(), [done, scheduled], limited);
    const reasons = (['deferred', 'awaiting_input'] as const).flatMap((state) => {
      const parked = active(run({ id: 2 }), [holder({ run: 2, task_id: 'second', state })]);
      return [true, false].map((parkedCountForTask) => waitOf(of, 'second', { parkedCountForTask }, [parked]).reason);
    });
    expect(reasons).toEqual(['task_limit', 'scheduler', 'task_limit', 'scheduler']);
  });

  it('a person’s input, which takes up no slot of a pool', () => {
    const answer = { state: 'awaiting_input', updated_us: 940 * S, trigger_timeout_us: 2_000 * S } as const;
    const asking = active(run({ id: 2 }), [holder({ run: 2, ...answer })]);
    expect(waitOf(asking, 'first')).toMatchObject({ reason: 'input', sinceUs: 940 * S, untilUs: 2_000 * S });
    const deferredCount = { pools: [{ ...small[0]!, include_deferred: true }] };
    expect(waitOf(active(run(), [done, scheduled]), 'second', deferredCount, [asking]).reason).toBe('scheduler');
  });

  it('something that is not recorded, if a later task was queued and executors or teams differ', () => {
    const later = active(run({ id: 2, logical_us: 1 }), [holder({ run: 2, queued_us: 990 * S })]);
    const reasonOf = (more: Partial<TaskRow>, world: World = {}) =>
      waitOf(active(run(), [done, { ...scheduled, ...more }]), 'second', world, [later]).reason;
    expect(reasonOf({})).toBe('scheduler');
    expect(reasonOf({ executor: 'CeleryExecutor' })).toBe('unknown');
    expect(reasonOf({}, { pools: [{ ...small[0]!, slots: 128, team: 'one' }] })).toBe('unknown');
    expect(reasonOf({}, { dags: [dag({ team: 'one' })] })).toBe('unknown');
    expect(reasonOf({ executor: 'CeleryExecutor', priority_weight: -1 })).toBe('scheduler');
  });

  it('an executor that the task names, which has its own limit', () => {
    const named = (id: number, executor: string) => active(run({ id }), [holder({ run: id, executor })]);
    const [local, celery] = [[...Array(5).keys()], [...Array(5).keys()]].map((ids, which) =>
      ids.map((id) => named(10 * (which + 1) + id, which === 0 ? 'Local' : 'Celery')),
    );
    const waits = new WaitBook();
    const learning = { parallelism: null };
    waits.update(poll([...local!, ...celery!], learning));
    const of = active(run(), [done, { ...scheduled, executor: 'Local' }]);
    waits.update(poll([of, ...local!], learning));
    expect(waits.of(of.run, of.all, of, { ...NOBODY })!.ofTask(of.all[1]!)!.reason).toBe('parallelism');
    waits.update(poll([of, ...celery!], learning));
    expect(waits.of(of.run, of.all, of, { ...NOBODY })!.ofTask(of.all[1]!)!.reason).toBe('scheduler');
  });

  it('an executor of its team, which has its own limit', () => {
    const ofTeam = (dag_id: string, count: number, first: number) =>
      [...Array(count).keys()].map((id) => active(run({ id: first + id, dag_id }), [holder({ run: first + id })]));
    const dags = ['d', 'e'].map((dag_id) => dag({ dag_id, team: `team of ${dag_id}` }));
    const waits = new WaitBook();
    const learning = { parallelism: null, dags: [...dags, dag({ dag_id: 'f' })] };
    waits.update(poll([...ofTeam('d', 5, 10), ...ofTeam('e', 5, 20), ...ofTeam('f', 9, 30)], learning));
    const of = active(run(), [done, scheduled]);
    const reasonWith = (beside: ActiveRun[]) => {
      waits.update(poll([of, ...beside], learning));
      return waits.of(of.run, of.all, of, { ...NOBODY })!.ofTask(of.all[1]!)!.reason;
    };
    expect([reasonWith(ofTeam('d', 5, 10)), reasonWith(ofTeam('e', 5, 20)), reasonWith(ofTeam('f', 9, 30))]).toEqual([
      'parallelism',
      'scheduler',
      'scheduler',
    ]);
  });

  it('the executor’s observed limit, until there are other schedulers, which may have other settings', () => {
    const waits = new WaitBook();
    const many = [...Array(8).keys()].map((id) => active(run({ id: 10 + id }), [holder({ run: 10 + id })]));
    const of = active(run(), [done, scheduled]);
    const reason = (runs: ActiveRun[], liveSchedulers: string[]) => {
      waits.update(poll([of, ...runs], { parallelism: null, liveSchedulers }));
      return waits.of(of.run, of.all, of, { ...NOBODY })!.ofTask(of.all[1]!)!.reason;
    };
    expect(reason(many, ['one'])).toBe('parallelism');
    expect(reason(many.slice(0, 5), ['one'])).toBe('scheduler');
    expect(reason(many.slice(0, 5), [])).toBe('scheduler');
    expect(reason(many.slice(0, 5), ['one'])).toBe('scheduler');
    expect(reason(many.slice(0, 5), ['another'])).toBe('parallelism');
  });

  it('the executor’s own limit, or if it is unknown, the largest number of tasks seen at once', () => {
    const of = active(run(), [done, scheduled]);
    const many = [...Array(8).keys()].map((id) => active(run({ id: 10 + id }), [holder({ run: 10 + id })]));
    expect(waitOf(of, 'second', { parallelism: 8 }, many).reason).toBe('parallelism');
    const assumed = waitOf(of, 'second', { parallelism: null }, many);
    expect(assumed.reason).toBe('parallelism');
    expect(assumed.detail).toMatch(/seems to be full: 8 .*RUNBEAT_PARALLELISM/);
    // One task at a time does not indicate a limit, and without a scheduler there is none.
    expect(waitOf(of, 'second', { parallelism: null }, many.slice(0, 1)).reason).toBe('scheduler');
    expect(waitOf(of, 'second', { parallelism: null, liveSchedulers: [] }, many).reason).toBe('scheduler');
  });

  it('the executor, in which a restarting task keeps its slot until its process has ended, unlike in its pool', () => {
    const of = active(run(), [done, scheduled]);
    const restarting = [...Array(3).keys()].map((id) =>
      active(run({ id: 10 + id }), [{ ...holder({ run: 10 + id }), state: 'restarting' as const }]),
    );
    expect(waitOf(of, 'second', { parallelism: 3 }, restarting).reason).toBe('parallelism');
    const pools = [{ pool: 'default_pool', slots: 3, include_deferred: false, team: null }];
    expect(waitOf(of, 'second', { parallelism: 4, pools }, restarting).reason).toBe('scheduler');
  });

  it('the executor, in which callbacks of deadlines use slots, too', () => {
    const of = active(run(), [done, scheduled]);
    const running = active(run({ id: 10 }), [holder({ run: 10 })]);
    const wait = waitOf(of, 'second', { parallelism: 3, executorCallbacks: 2 }, [running]);
    expect(wait.reason).toBe('parallelism');
    expect(wait.detail).toContain('3 slots are in use, 2 of them by callbacks of deadlines');
    expect(waitOf(of, 'second', { parallelism: 4, executorCallbacks: 2 }, [running]).reason).toBe('scheduler');
  });

  it('a retry until it is due, including the random part that Airflow adds to a growing delay', () => {
    const retry = (factor: number) => ({ delay_us: 30 * S, factor, max_delay_us: null });
    const failed = task('first', 940 * S, 960 * S, { state: 'up_for_retry', try_number: 2 });
    const of = (factor: number) =>
      active(run(), [failed], structure({ first: [] }, { first: { retry: retry(factor) } }));
    expect(waitOf(of(1), 'first')).toMatchObject({ reason: 'scheduler', sinceUs: 990 * S });
    // 60 s, and at most 59 s more.
    expect(waitOf(of(2), 'first')).toMatchObject({ reason: 'retry', untilUs: 1_079 * S });
    // 30 s × 0.9 is 27 s, and at most 26 s more: a factor below 1 spreads retries, too.
    expect(waitOf(of(0.9), 'first')).toMatchObject({ reason: 'retry', untilUs: 1_013 * S });
  });

  it('the previous run, with the tasks that have not succeeded there', () => {
    const past = structure({ first: [] }, { first: { depends_on_past: true } });
    const of = active(run(), [{ ...none, task_id: 'first' }], past);
    expect(waitOf(of, 'first')).toMatchObject({ reason: 'depends_on_past' });
    const before = { run_id: 'r0', task_id: 'first', map_index: -1, state: 'failed' as const, end_us: 100 };
    const failed = waitOf(of, 'first', {}, [], { previous: [before] });
    expect(failed.detail).toBe('Depends on the previous run, in which first has not succeeded.');
    expect(waitOf(of, 'first', {}, [], { previous: [{ ...before, state: 'success' }] }).reason).toBe('scheduler');
  });

  it('says that the reason is unknown if the database does not show it', () => {
    expect(waitOf(active(run(), [done, none], null), 'second').detail).toMatch(/has changed since then or is gone/);
    const looked = active(run({ decided_us: 980 * S }), [done, none]);
    expect(waitOf(looked, 'second')).toMatchObject({ reason: 'unknown' });
    expect(waitOf(looked, 'second').detail).toMatch(/examined the run without acting/);
    // The scheduler's clock is half a minute ahead, so it has not examined the run since.
    expect(waitOf(looked, 'second', { schedulerSkewUs: 30 * S }).reason).toBe('scheduler');
  });

  it('says that no scheduler is alive to act', () => {
    const of = active(run(), [done, none]);
    expect(waitOf(of, 'second', {}, [], { schedulersAlive: 0 }).detail).toMatch(/No scheduler is alive/);
    const inLane = { kind: 'runbeat' as const, dags: [dag({ lane: 'slow' })] };
    expect(waitOf(of, 'second', inLane, [], { lanesAlive: new Set(['default']) }).detail).toMatch(
      /lane "slow" is alive/,
    );
    const deferred = active(run(), [done, { ...none, state: 'deferred' }]);
    expect(waitOf(deferred, 'second', {}, [], { triggerersAlive: 0 }).detail).toMatch(/no triggerer is alive/);
  });
});

describe('a run of 5,000 task instances', () => {
  it('is explained in less time than a person notices, even if all of them wait for the same thing', () => {
    const wide = (state: 'scheduled' | 'queued', at: number) =>
      Array.from({ length: 5_000 }, (_, map_index) => ({
        ...scheduled,
        state,
        queued_us: (at + map_index) * S,
        map_index,
      }));
    for (const all of [wide('scheduled', 0), wide('queued', -9_000)]) {
      const of = active(run(), [...all, ...Array.from({ length: 128 }, (_, map_index) => holder({ map_index }))]);
      const waits = new WaitBook();
      waits.update(poll([of]));
      const told = waits.of(of.run, of.all, of, NOBODY)!;
      const began = process.cpuUsage();
      const explained = all.map((one) => told.ofTask(one));
      // CPU time of this process in microseconds. Only work that grows quadratically exceeds the limit.
      expect(process.cpuUsage(began).user).toBeLessThan(1_000_000);
      expect(explained).not.toContain(null);
    }
  });
});
