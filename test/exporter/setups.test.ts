import { describe, expect, it } from 'vitest';
import { criticalPath } from '../../exporter/flow/criticalPath.ts';
import { byTaskId, transitionTo } from '../../exporter/flow/transitions.ts';
import type { TaskRow } from '../../exporter/sources/rows.ts';
import { active, ageAfter, poll, run, S } from './polledWork.ts';
import { structure, task } from './taskRows.ts';
import { waitOf } from './waits.ts';

/** `join` needs one of its upstreams. It is in the scope of `create`, whose teardown waits for all between them. */
const SCOPE = structure(
  {
    create: [],
    slow: ['create'],
    quick: ['create'],
    free: [],
    join: ['slow', 'quick', 'free'],
    delete: ['create', 'join'],
  },
  {
    create: { is_setup: true },
    join: { trigger_rule: 'one_success', scope_task_ids: ['create'] },
    delete: { is_teardown: true, trigger_rule: 'all_done_setup_success', scope_task_ids: ['quick', 'slow'] },
  },
);
const ran = (id: string, start: number, end: number): TaskRow =>
  task(id, start * S, end * S, { scheduled_us: (start - 2) * S, queued_us: (start - 1) * S });
const runs = (id: string): TaskRow => task(id, 910 * S, null, { state: 'running', queued_us: 905 * S });
const none = (id: string): TaskRow => task(id, null, null, { state: null, try_number: 0 });

describe('a teardown', () => {
  const underWay = [ran('create', 903, 905), ran('quick', 908, 910), ran('join', 913, 915), none('delete')];

  it('waits for tasks between its setup and itself that are not its upstreams', () => {
    const of = active(run(), [...underWay, runs('slow')], SCOPE);
    const wait = waitOf(of, 'delete');
    expect(wait).toMatchObject({ reason: 'upstream', detail: 'Waits for slow (1 left).', blockersTotal: 1 });
    expect(ageAfter(poll([of]))).toBe(0);
  });

  it('is ready once the last of them has ended', () => {
    const of = active(run(), [...underWay, ran('slow', 910, 980)], SCOPE);
    expect(waitOf(of, 'delete')).toMatchObject({ reason: 'scheduler', sinceUs: 980 * S });
  });

  it('does not attribute its wait to the scheduler on the critical path', () => {
    const tasks = [ran('create', 903, 905), ran('quick', 908, 910), ran('join', 913, 915), ran('slow', 908, 950)];
    const facts = { structure: SCOPE, attempts: new Map(), firstPokes: new Map(), pastEnds: new Map() };
    const all = byTaskId([...tasks, ran('delete', 953, 960)]);
    const path = criticalPath({ ...facts, tasks: all, startUs: 900 * S, notBeforeUs: null, endUs: 960 * S })!;
    expect(path.steps.map((step) => step.task_id)).toEqual(['create', 'slow', 'delete']);
    expect(path).toMatchObject({ work_seconds: 2 + 42 + 7, scheduler_seconds: 1 + 1 + 1, slot_seconds: 2 + 2 + 2 });
  });
});

describe('a task in the scope of a setup', () => {
  it('waits for the setup, even if it needs only one upstream and that does not wait for the setup', () => {
    const of = active(run(), [runs('create'), none('slow'), none('quick'), ran('free', 903, 905), none('join')], SCOPE);
    expect(waitOf(of, 'join')).toMatchObject({ reason: 'upstream', detail: 'Waits for create (1 left).' });
    expect(ageAfter(poll([of]))).toBe(0);
  });

  it('is not measured from its upstream if the setup ended later', () => {
    const measure = (setupEnd: number) => {
      const all = [ran('create', 903, setupEnd), ran('free', 903, 905), ran('join', 953, 960)];
      return transitionTo(all[2]!, byTaskId(all), SCOPE, 0)?.us ?? null;
    };
    expect([measure(904), measure(950)]).toEqual([48 * S, null]);
  });
});
