import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LookupItem, Page, RunDetail, SchedulerStatus, SourceStatus, Transition } from '../../../shared/api.ts';
import { runPath, API_PREFIX } from '../../../shared/api.ts';
import { createTestDatabase, type TestDatabase } from '../../postgres/database.ts';
import { startAirflow, type Airflow } from '../lab/airflow.ts';
import { RELEASES, releasesFrom, type ReleaseName } from '../lab/releases.ts';
import { LAB_DAGS, playScenario } from '../lab/scenario.ts';
import { eventually, observe, SOURCE, type Observer } from './observer.ts';
import {
  earlierAttempts,
  keepsAttempts,
  EXPECTED_WAITS,
  expectedTransitions,
  partsOf,
  presentTasks,
  runEnds,
} from './oracle.ts';
import { testComponents } from './components.ts';
import { testLoops } from './loops.ts';
import { testOutages } from './outages.ts';
import { testWaits, WAITING_DAGS } from './waits.ts';

const progress = (line: string): boolean => process.stderr.write(`${line}\n`);

/** Tests the releases of RUNBEAT_LAB_RELEASES with this major version. Each major version has its own file. */
export function testReleases(major: 2 | 3): void {
  const names = releasesFrom(process.env.RUNBEAT_LAB_RELEASES).filter((name) => RELEASES[name].major === major);
  describe.each<ReleaseName>(names)('a real %s', testRelease);
  test.runIf(names.length === 0)(`no Airflow ${major} is selected`, () => undefined);
}

function testRelease(name: ReleaseName): void {
  const release = RELEASES[name];
  let airflow: Airflow;
  let database: TestDatabase;
  let observer: Observer;

  beforeAll(async () => {
    database = await createTestDatabase();
    const dagsFolder = path.resolve(import.meta.dirname, '../dags');
    airflow = await startAirflow(name, {
      dagsFolder,
      awaitDags: [...LAB_DAGS, ...WAITING_DAGS],
      progress,
    });
    observer = await observe(airflow, database.url);
    await playScenario(airflow, progress);
  });

  afterAll(async () => {
    await observer?.stop();
    await airflow?.stop();
    await database?.drop();
  });

  // Some tests end processes and remove DAG files, which later tests or a repetition need.
  beforeEach(() => airflow.recover());

  const run = (dagId: string, runId: string): Promise<RunDetail> =>
    observer.get<RunDetail>(runPath(SOURCE, dagId, runId).slice(API_PREFIX.length));

  const byLabels = async (metric: string, ...labels: string[]): Promise<Record<string, number>> =>
    Object.fromEntries(
      (await observer.samples(metric)).map((sample) => [
        labels.map((label) => sample.labels[label]).join(' '),
        sample.value,
      ]),
    );

  /** Without the zeros with which the counters of known DAGs start. */
  const counted = async (metric: string, ...labels: string[]): Promise<Record<string, number>> =>
    Object.fromEntries(Object.entries(await byLabels(metric, ...labels)).filter(([, value]) => value !== 0));

  const counts = async (sql: string): Promise<Record<string, number>> =>
    Object.fromEntries(
      (await airflow.query<{ what: string; count: string }>(sql)).map(({ what, count }) => [what, Number(count)]),
    );

  test('is recognised by its schema', async () => {
    const { items } = await observer.get<Page<SourceStatus>>('/sources');
    expect(items).toMatchObject([{ source: SOURCE, kind: `airflow${release.major}`, up: true, problem: null }]);
    expect(items[0]!.version).toContain(release.head);
    expect(items[0]!.version).not.toContain('does not know');
  });

  test('has every finished run counted once, and once more for each time that it was cleared', async () => {
    const expected = await counts(
      `select concat_ws(' ', dag_id, state) as what, sum(${runEnds(release)}) as count
         from dag_run where state in ('success', 'failed') group by 1`,
    );
    await eventually(async () =>
      expect(await counted('runbeat_runs_finished_total', 'dag_id', 'state')).toEqual(expected),
    );
  });

  test('has every finished task instance counted by the state that it ended in', async () => {
    const expected = await counts(
      `select concat_ws(' ', dag_id, state) as what, count(*) from (
         select dag_id, state from ${presentTasks(release)} present where state in ('success', 'failed', 'skipped', 'upstream_failed')
         union all ${earlierAttempts(release)}) ended group by 1`,
    );
    await eventually(async () =>
      expect(await counted('runbeat_tasks_finished_total', 'dag_id', 'state')).toEqual(expected),
    );
  });

  test.each(Object.keys(EXPECTED_WAITS))('has the transitions of %s to the microsecond', async (dagId) => {
    const expected = await expectedTransitions(airflow, dagId);
    await eventually(async () => {
      const [count] = await observer.samples('runbeat_task_transition_seconds_count', { dag_id: dagId });
      const [sum] = await observer.samples('runbeat_task_transition_seconds_sum', { dag_id: dagId });
      expect({ count: count?.value, micros: Math.round((sum?.value ?? 0) * 1e6) }).toEqual(expected);
    });
  });

  test('has the transitions of cleared runs from before they were cleared, and none from after', async () => {
    const [count] = await observer.samples('runbeat_task_transition_seconds_count', { dag_id: 'cleared' });
    expect(count?.value).toBe(4);
    expect(await counted('runbeat_task_transition_negative_total', 'dag_id')).toEqual({});
  });

  test('has transitions split into as many stages as Airflow has timestamps for', async () => {
    const labels = { dag_id: 'onboarding' };
    const stages = await observer.samples('runbeat_task_transition_stage_seconds_sum', labels);
    const [whole] = await observer.samples('runbeat_task_transition_seconds_sum', labels);
    const names = stages.map(({ labels: { stage } }) => stage).sort();
    expect(names).toEqual(release.major === 2 ? ['queued', 'started'] : ['noticed', 'queued', 'started']);
    expect(stages.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(whole!.value, 5);
  });

  test('has the duration of every run to the microsecond', async () => {
    const expected = await counts(
      `select concat_ws(' ', dag_id, state) as what, sum((extract(epoch from end_date) - extract(epoch from start_date)) * 1000000)::bigint as count
         from dag_run where state in ('success', 'failed') and dag_id <> 'cleared' group by 1`,
    );
    const sums = await counted('runbeat_run_duration_seconds_sum', 'dag_id', 'state');
    delete sums['cleared success'];
    expect(Object.fromEntries(Object.entries(sums).map(([what, sum]) => [what, Math.round(sum * 1e6)]))).toEqual(
      expected,
    );
  });

  test('has its slowest transitions listed first', async () => {
    const { items } = await observer.get<Page<Transition>>('/transitions?limit=20');
    expect(items).toHaveLength(20);
    expect(items).toEqual([...items].sort((a, b) => b.seconds - a.seconds));
  });

  test('has its unfinished runs and tasks listed in their current state', async () => {
    await eventually(async () => {
      const runs = await byLabels('runbeat_runs_active', 'dag_id', 'state');
      expect(runs).toMatchObject({
        'waiting running': 1,
        'full_pool running': 1,
        'one_run_at_a_time running': 1,
        'one_run_at_a_time queued': 1,
        'paused queued': 1,
      });
      const tasks = await byLabels('runbeat_tasks_active', 'dag_id', 'state');
      expect(tasks).toMatchObject({
        'waiting up_for_reschedule': 1,
        'waiting deferred': 1,
        'waiting up_for_retry': 1,
        'waiting none': 1,
        'full_pool running': 1,
        'full_pool scheduled': 1,
      });
    });
  });

  test('is not reported as stalled because of work that a pause, a pool or a limit holds back', async () => {
    // A scheduler on a busy machine may be slightly late, but work that is held back gets ever older.
    await eventually(async () =>
      expect((await observer.samples('runbeat_oldest_ready_task_age_seconds'))[0]?.value).toBe(0),
    );
  });

  test('has its pools shown with the slots in use', async () => {
    expect(await byLabels('runbeat_pool_slots', 'pool')).toMatchObject({ one_slot: 1, held_slot: 1 });
    expect(await byLabels('runbeat_pool_slots_used', 'pool')).toMatchObject({ held_slot: 1 });
  });

  test('has the runs of a user found by conf, nested keys and run_id, the newest first', async () => {
    const { items } = await observer.get<Page<LookupItem>>('/lookup?key=user_id&value=42');
    expect(items.map(({ run_id: id }) => id)).toEqual(['manual__2024-05-01T10:00:00+00:00', 'user-42-first']);
    const nested = await observer.get<Page<LookupItem>>('/lookup?key=application_id&value=app-0043&value=app-0042');
    expect(nested.items.map(({ run_id: id }) => id).sort()).toEqual(['user-42-first', 'user-43']);
    const named = await observer.get<Page<LookupItem>>('/lookup?key=run_user&value=43');
    expect(named.items.map(({ run_id: id }) => id)).toEqual(['user-43']);
    const nobody = await observer.get<Page<LookupItem>>('/lookup?key=user_id&value=44');
    expect(nobody.items).toEqual([]);
  });

  test('has links that its own UI serves', async () => {
    const { items } = await observer.get<Page<LookupItem>>('/lookup?key=user_id&value=42');
    for (const { links } of items) {
      const own = Object.values(links).filter((link) => link?.startsWith(airflow.baseUrl));
      expect(own).toHaveLength(release.major === 2 ? 3 : 1);
      for (const link of own) expect((await fetch(link!)).status).toBe(200);
    }
  });

  test('has the conf of a run read exactly as it was given', async () => {
    const { run: found } = await run('user_flow', 'user-43');
    expect(found.conf).toEqual({
      user_id: 43,
      application: { id: 'app-0043' },
      priority: 0.5,
      tags: ['a', null, true],
      note: 'Zoë ☕',
    });
  });

  test('has a retried task shown with the attempt that failed', async () => {
    const { tasks } = await run('retries', 'lab_retries');
    const flaky = tasks.find((task) => task.task_id === 'flaky')!;
    expect(flaky).toMatchObject({
      state: 'success',
      try_number: 2,
      earlier_attempts: keepsAttempts(release) ? [{ try_number: 1, state: 'failed' }] : [],
    });
  });

  test('has a critical path that covers a run from its start to its end', async () => {
    const { run: found, critical_path: critical } = await run('onboarding', 'lab_onboarding');
    expect(critical!.steps.map(({ task_id: id }) => id.replace(/branch_\d_/, ''))).toEqual([
      'arrive',
      'step_0',
      'step_1',
      'step_2',
      'step_3',
      'step_4',
      'step_5',
      expect.stringMatching(/^join_(left|right)$/),
      'decide',
    ]);
    expect(critical!.work_seconds).toBeGreaterThan(0);
    expect(partsOf(critical!)).toBeCloseTo(found.duration_seconds!, 4);
  });

  test('has the critical path of every run that ended add up to its duration', async () => {
    const rows = await airflow.query<{ dag_id: string; run_id: string }>(
      "select dag_id, run_id from dag_run where state in ('success', 'failed') order by 1, 2",
    );
    expect(rows.length).toBeGreaterThan(15);
    for (const { dag_id, run_id } of rows) {
      const { run: found, critical_path: critical } = await run(dag_id, run_id);
      if (critical) expect(partsOf(critical), `${dag_id} ${run_id}`).toBeCloseTo(found.duration_seconds!, 4);
      // Airflow 2 keeps only the newest structure of a DAG.
      else expect([dag_id, release.major]).toEqual(['reshaped', 2]);
    }
  });

  test('has the edges with which a run was created, or says that they are unknown', async () => {
    const first = await run('reshaped', 'lab_reshaped_first');
    const second = await run('reshaped', 'lab_reshaped_second');
    const edge = { upstream_task_id: 'arrive', downstream_task_id: 'new_way' };
    expect(second.edges).toContainEqual(edge);
    expect(first.edges).not.toContainEqual(edge);
    if (first.edges.length === 0) expect(first.run.notes.join()).toMatch(/edges/);
    else expect(first.edges).toContainEqual({ upstream_task_id: 'old_way', downstream_task_id: 'leave' });
  });

  test('reports a killed scheduler as dead while another one is alive', async () => {
    await eventually(async () => {
      const { items } = await observer.get<Page<SchedulerStatus>>('/schedulers');
      expect(Object.fromEntries(items.map(({ hostname, alive }) => [hostname, alive]))).toEqual({
        scheduler: true,
        'scheduler-2': false,
      });
    });
    expect((await observer.samples('runbeat_schedulers_alive'))[0]?.value).toBe(1);
  });

  test('reports a scheduler with heartbeats that queues nothing by the age of its oldest ready task', async () => {
    // While another transaction locks the rows of the pools, Airflow skips its critical section but sends heartbeats.
    const release = await airflow.lockPools();
    let runId: string;
    try {
      runId = await airflow.trigger('user_flow', { user_id: 78 });
      await eventually(async () => {
        expect((await observer.samples('runbeat_oldest_ready_task_age_seconds'))[0]?.value).toBeGreaterThan(5);
        expect((await observer.samples('runbeat_schedulers_alive'))[0]?.value).toBe(1);
      });
    } finally {
      await release();
    }
    await airflow.waitForRun('user_flow', runId, ['success']);
    await eventually(async () =>
      expect((await observer.samples('runbeat_oldest_ready_task_age_seconds'))[0]?.value).toBe(0),
    );
  });

  if (release.major === 3 && release.minor >= 4) testLoops(() => ({ airflow, observer }));
  testWaits(release, () => ({ airflow, observer }));
  testComponents(release, () => ({ airflow, observer }));
  testOutages(() => ({ airflow, observer }));
}
