import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runDetail } from '../../../exporter/api/runDetail.ts';
import { promises } from '../../../exporter/api/promises.ts';
import { byTaskId } from '../../../exporter/flow/transitions.ts';
import type { RunRow, TaskRow } from '../../../exporter/sources/rows.ts';
import type { DagStructure, TaskStructure } from '../../../exporter/sources/structure.ts';
import { expectedEnd } from '../../../exporter/usual/expectedEnd.ts';
import { KEPT_RUNS, learnt, usualOf, WHOLE_RUN, type DagRings } from '../../../exporter/usual/rings.ts';
import { openRunbeatWorld, type RunbeatWorld } from '../runbeatWorld.ts';
import type { TestExporter } from '../world.ts';

const SECOND = 1e6;

/** `a` → `long` or `short` (a branch) → `z`. */
const EDGES: Record<string, string[]> = { a: [], long: ['a'], short: ['a'], z: ['long', 'short'] };
const structure: DagStructure = new Map(
  Object.entries(EDGES).map(([task_id, upstream_task_ids]) => [
    task_id,
    {
      task_id,
      upstream_task_ids,
      trigger_rule: task_id === 'z' ? 'none_failed' : 'all_success',
      loop: null,
    } as unknown as TaskStructure,
  ]),
);

const run = (end: number | null): RunRow =>
  ({
    id: 1,
    dag_id: 'd',
    run_id: 'r',
    run_type: 'manual',
    state: end === null ? 'running' : 'success',
    clear_number: 0,
    start_us: 0,
    end_us: end,
  }) as RunRow;
const task = (task_id: string, state: TaskRow['state'], start: number | null, end: number | null): TaskRow =>
  ({
    run: 1,
    task_id,
    map_index: -1,
    state,
    try_number: 1,
    hostname: 'h',
    queued_us: start && start * SECOND,
    start_us: start === null ? null : start * SECOND,
    end_us: end === null ? null : end * SECOND,
  }) as TaskRow;

/** A run of 11 + `more` s through the long branch, or of 4 s through the short one. */
function ended(branch: 'long' | 'short', more = 0): [RunRow, TaskRow[]] {
  const length = branch === 'long' ? 8 + more : 1;
  const other = branch === 'long' ? 'short' : 'long';
  const tasks = [
    task('a', 'success', 0, 1),
    task(branch, 'success', 1.5, 1.5 + length),
    task(other, 'skipped', 1, 1),
    task('z', 'success', 2 + length, 3 + length),
  ];
  return [run((3 + length) * SECOND), tasks];
}

function learn(...runs: [RunRow, TaskRow[]][]): DagRings {
  return runs.reduce<DagRings>((rings, [row, tasks]) => learnt(rings, row, byTaskId(tasks), structure), new Map());
}

describe('usual durations', () => {
  it('are those of the last runs in which a task ran', () => {
    const rings = learn(ended('long'), ended('long', 2), ended('short'), ended('long', 4));
    expect(usualOf(rings.get('long'))).toEqual({ p50_seconds: 10, p95_seconds: 12, runs: 3 });
    expect(usualOf(rings.get('short'))).toEqual({ p50_seconds: 1, p95_seconds: 1, runs: 1 });
    expect(usualOf(rings.get(WHOLE_RUN))).toMatchObject({ p50_seconds: 11, runs: 4 });
    expect(usualOf(undefined)).toBeNull();
  });

  it('take no more space with more runs', () => {
    const rings = learn(...Array.from({ length: 100 }, (_, at) => ended('long', at)));
    expect(rings.get('long')!.running).toHaveLength(KEPT_RUNS);
    expect(rings.get('long')!.running.at(-1)).toBe(107 * SECOND);
  });
});

describe('the expected end', () => {
  const rings = learn(ended('long'), ended('long'), ended('long'), ended('short'));
  const expected = (tasks: TaskRow[], now: number): number | null => {
    const found = expectedEnd(run(null), byTaskId(tasks), structure, rings, now * SECOND);
    return found && found.endUs / SECOND;
  };

  it('is that of the usual branch before anything has run', () => {
    expect(expected([], 0)).toBeCloseTo(11, 5);
  });

  it('is that of the branch that is taken', () => {
    const tasks = [task('a', 'success', 0, 1), task('long', 'skipped', 1, 1), task('short', 'running', 1.5, null)];
    expect(expected(tasks, 2)).toBeCloseTo(4, 5);
  });

  it('moves on when a task takes longer than usual', () => {
    const tasks = [task('a', 'success', 0, 1), task('short', 'skipped', 1, 1), task('long', 'running', 1.5, null)];
    expect(expected(tasks, 5)).toBeCloseTo(11, 5);
    expect(expected(tasks, 20)).toBeGreaterThan(21.5);
  });

  it('is that of whole runs if a loop may iterate again', () => {
    const place = { group: 'loop', gate: 'z', opens: false };
    const loop: DagStructure = new Map([...structure].map(([id, one]) => [id, { ...one, loop: place }]));
    const of = (now: number): number =>
      expectedEnd(run(null), byTaskId([task('a', 'running', 0, null)]), loop, rings, now * SECOND)!.endUs / SECOND;
    expect(of(2)).toBeCloseTo(11, 5);
    expect(of(20)).toBeCloseTo(22, 5);
  });

  it('is not given for an ended run, nor for a DAG with too few runs', () => {
    expect(expectedEnd(run(9), byTaskId([]), structure, rings, 0)).toBeNull();
    expect(expectedEnd(run(null), byTaskId([]), structure, learn(ended('long')), 0)).toBeNull();
  });
});

describe('in the API', () => {
  let world: RunbeatWorld;
  let exporter: TestExporter;
  const LATE = [{ name: 'quick', dags: 'flow', ends_within: '5m', share: '50%' }];

  beforeAll(async () => {
    world = await openRunbeatWorld();
    exporter = await world.start();
    await exporter.settle();
    for (const at of [1, 2, 3, 4]) await world.addRun(`done ${at}`, { ago: 50 - at });
    // The first task of each took ten minutes.
    await world.source.pool
      .query(`update runbeat.dag_run set start_date = start_date - interval '10 min', queued_at = queued_at - interval '10 min';
      update runbeat.task_instance set start_date = start_date - interval '10 min' where task_id = 'first'`);
    await exporter.settle();
    await exporter.close();
    exporter = await world.start({ promises: LATE });
    await world.addRun('now', { state: 'running', ago: 2 });
    await world.source.pool.query(
      `update runbeat.task_instance set state = null, start_date = null, end_date = null where run_id = 'now' and task_id = 'first'`,
    );
    await exporter.settle();
  });
  afterAll(() => world.close());

  it('usual durations are kept over a restart, and a running run has an expected end', async () => {
    const { run, tasks } = await runDetail(exporter.context, { source: 'db', dag_id: 'flow', run_id: 'now' });
    expect(run.usual).toEqual({ p50_seconds: 603, p95_seconds: 603, runs: 4 });
    expect(Date.parse(run.expected_end!)).toBeGreaterThan(Date.parse(run.start_date!));
    expect(tasks.map(({ usual }) => usual!.p50_seconds)).toEqual([601, 1]);
    const second = tasks.find(({ task_id }) => task_id === 'second')!;
    expect(Date.parse(second.expected_end!)).toBeLessThanOrEqual(Date.parse(run.expected_end!));
    expect(await exporter.value('runbeat_dag_usual_duration_seconds{source="db",dag_id="flow"}')).toBe(603);
  });

  it('a promise lists a run that will break it before it does', async () => {
    const { items } = await promises(exporter.context, {});
    expect(items).toMatchObject([{ state: 'at_risk', history: [], will_miss: [{ run_id: 'now' }] }]);
  });
});
