import { describe, expect, it } from 'vitest';
import type { TaskRow } from '../../exporter/sources/rows.ts';
import { active, ageAfter, dag, poll, run, S, type World } from './polledWork.ts';
import { structure, task } from './taskRows.ts';
import { waitOf } from './waits.ts';

/** Only one instance of `mapped` may run at a time in a run. Nothing limits `other`. */
const SHAPE = structure({ mapped: [], other: [] }, { mapped: { max_active_per_run: 1 } });
const WORLD: World = { dags: [dag({ max_active_tasks: 3 })], windowPerRun: true };

const mapped = (map_index: number, more: Partial<TaskRow> = {}): TaskRow =>
  task('mapped', null, null, { map_index, state: 'scheduled', scheduled_us: 910 * S, ...more });
const other = (more: Partial<TaskRow> = {}): TaskRow =>
  task('other', null, null, { state: 'scheduled', scheduled_us: 911 * S, ...more });
const running = mapped(0, { state: 'running', queued_us: 905 * S, start_us: 906 * S });
const withHeld = (count: number, more: Partial<TaskRow> = {}) =>
  active(run(), [running, ...Array.from({ length: count }, (_, n) => mapped(n + 1)), other(more)], SHAPE);

describe('a task that comes after as many others of its run as max_active_tasks', () => {
  it('waits for those, if other limits hold them back', () => {
    const wait = waitOf(withHeld(3, { priority_weight: 0 }), 'other', WORLD);
    expect(wait).toMatchObject({ reason: 'outranked', sinceUs: 911 * S, blockersTotal: 3 });
    expect(wait.detail).toBe(
      'Airflow only looks at the first 3 scheduled tasks of a run (max_active_tasks), and these are held back: mapped[1], mapped[2] and mapped[3].',
    );
    expect(ageAfter(poll([withHeld(3, { priority_weight: 0 })], WORLD))).toBe(0);
  });

  it('is ready if the scheduler reaches it: after fewer tasks, before them, or before Airflow 3.2', () => {
    const reasonOf = (of: ReturnType<typeof active>, world = WORLD) => waitOf(of, 'other', world).reason;
    expect(reasonOf(withHeld(2, { priority_weight: 0 }))).toBe('scheduler');
    expect(reasonOf(withHeld(3, { priority_weight: 2 }))).toBe('scheduler');
    expect(reasonOf(withHeld(3, { priority_weight: 0 }), { ...WORLD, windowPerRun: false })).toBe('scheduler');
  });

  it('may come after tasks of the same priority, because their order is unknown', () => {
    expect(waitOf(withHeld(3, { map_index: 3 }), 'other', WORLD).reason).toBe('outranked');
  });

  it('is not held up by tasks whose pool has no free slot, because the scheduler leaves them out', () => {
    const pools = [
      { pool: 'default_pool', slots: 128, include_deferred: false, team: null },
      { pool: 'full', slots: 1, include_deferred: false, team: null },
    ];
    const all = [{ ...running, pool: 'full' }, ...[1, 2, 3].map((n) => mapped(n, { pool: 'full' }))];
    const of = active(run(), [...all, other({ priority_weight: 0 })], SHAPE);
    expect(waitOf(of, 'other', { ...WORLD, pools }).reason).toBe('scheduler');
  });

  it('is ready once fewer tasks come before it', () => {
    const [before, after] = [withHeld(3, { priority_weight: 0 }), withHeld(2, { priority_weight: 0 })];
    expect(ageAfter(poll([before], WORLD), poll([after], { ...WORLD, nowUs: 1_020 * S }))).toBe(20);
  });

  it('does not hide a stall: the first task that nothing holds back is reported', () => {
    const free = Array.from({ length: 9 }, (_, map_index) => other({ map_index }));
    expect(ageAfter(poll([active(run(), free, SHAPE)], WORLD))).toBe(1_000 - 911);
  });
});
