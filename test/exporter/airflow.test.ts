import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runDetail } from '../../exporter/api/runDetail.ts';
import * as lists from '../../exporter/api/lists.ts';
import type { ApiContext } from '../../exporter/api/context.ts';
import { probe } from '../../exporter/sources/probe.ts';
import type { RunDetail } from '../../shared/api.ts';
import { DATA_FIXTURES, loadFixture, SCHEMA_FIXTURES } from '../airflow/lab/fixture.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';
import { createExporter, watchedFromTheBeginning, type TestExporter } from './world.ts';

const KEYS = 'user_id=conf.user_id,application_id=conf.application.id,name=run_id:^user-by-(.+)$,tag=conf.tags';

/** The statements that docs/airflow.md tells users to run. */
function documentedGrants(): string[] {
  const blocks = [...readFileSync('docs/airflow.md', 'utf8').matchAll(/```sql\n([\s\S]*?)```/g)].map(
    (match) => match[1]!,
  );
  return blocks;
}

/** Makes the documented role in a database, under a name of this test, and returns the URL with which it logs in. */
async function readOnlyUrl(database: TestDatabase, role: string): Promise<string> {
  const [always, history] = documentedGrants().map((sql) => sql.replaceAll('runbeat_reader', role));
  await database.pool.query(always!);
  const { rows } = await database.pool.query("select to_regclass('task_instance_history') is not null as has");
  if (rows[0].has) await database.pool.query(history!);
  const url = new URL(database.url);
  url.username = role;
  url.password = 'change-me';
  return url.href;
}

describe.each(DATA_FIXTURES)('a real %s', (fixture) => {
  const is3 = fixture.startsWith('airflow-3');
  const role = `reader_${fixture.replaceAll(/\W/g, '_')}_${process.pid}`;
  let source: TestDatabase;
  let index: TestDatabase;
  let exporter: TestExporter;
  let context: ApiContext;

  beforeAll(async () => {
    [source, index] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    await loadFixture(source.url, fixture, { takenAt: new Date() });
    await watchedFromTheBeginning(index.url);
    const uiUrl = 'https://airflow.example.com';
    const sourceUrl = await readOnlyUrl(source, role);
    exporter = await createExporter({ sourceUrl, indexUrl: index.url, keys: KEYS, source: { uiUrl } });
    await exporter.settle();
    context = { index: exporter.index, sources: [exporter.observer] };
  });
  afterAll(async () => {
    await exporter.close();
    await source.pool.query(`drop owned by ${role}; drop role ${role}`);
    await Promise.all([source.drop(), index.drop()]);
  });

  const detail = (dag_id: string, run_id = `lab_${dag_id}`): Promise<RunDetail> =>
    runDetail(context, { source: 'db', dag_id, run_id });
  const edges = (run: RunDetail): string[] =>
    run.transitions.map((one) => `${one.upstream_task_id} > ${one.task_id}`).sort();

  it('is recognised, and read completely by the documented read-only role', () => {
    expect(exporter.observer.status()).toMatchObject({ kind: is3 ? 'airflow3' : 'airflow2', up: true, problem: null });
  });

  it('measures a chain, and a join of a branch by the leg that ran', async () => {
    const run = await detail('branches_join');
    expect(edges(run)).toEqual(['begin > choose', 'choose > left', 'join > finish', 'left > join']);
    for (const { seconds } of run.transitions) expect(seconds).toBeGreaterThan(0);
    expect(run.tasks.find((task) => task.task_id === 'right')?.state).toBe('skipped');
  });

  it('splits a transition into what the stamps tell', async () => {
    const run = await detail('user_flow', 'user-42-first');
    for (const { seconds, stages } of run.transitions) {
      const parts = [stages.noticed, stages.queued, stages.started];
      expect(parts.map((part) => part !== null)).toEqual([is3, true, true]);
      expect(parts.reduce<number>((sum, part) => sum + (part ?? 0), 0)).toBeCloseTo(seconds, 5);
    }
    expect(run.transitions).toHaveLength(2);
  });

  it('leaves out a retried task, and keeps its earlier attempt where the database does', async () => {
    const run = await detail('retries');
    expect(edges(run)).toEqual(['flaky > after']);
    const flaky = run.tasks.find((task) => task.task_id === 'flaky')!;
    expect(flaky.try_number).toBe(2);
    const hasHistory = fixture !== 'airflow-2.7.3';
    expect(flaky.earlier_attempts.map((attempt) => [attempt.try_number, attempt.state])).toEqual(
      hasHistory ? [[1, 'failed']] : [],
    );
  });

  it('waits for all instances of a mapped upstream', async () => {
    const run = await detail('mapped');
    const squares = run.tasks.filter((task) => task.task_id === 'square');
    expect(squares.map((task) => task.map_index).sort()).toEqual([0, 1, 2, 3, 4]);
    const total = run.transitions.find((one) => one.task_id === 'total')!;
    expect(total.ended_at).toBe(
      squares
        .map((task) => task.end_date!)
        .sort()
        .at(-1),
    );
    expect(run.transitions.filter((one) => one.task_id === 'square')).toHaveLength(5);
  });

  it('leaves out a sensor that was rescheduled, and goes on after it', async () => {
    expect(edges(await detail('rescheduled'))).toEqual(['sensor > after']);
  });

  it('leaves out a task that was deferred, and goes on after it', async () => {
    expect(edges(await detail('deferred'))).toEqual(['deferring > after']);
  });

  it('leaves out what was skipped', async () => {
    const run = await detail('skips');
    const measured = run.transitions.map((one) => one.task_id);
    expect(measured).not.toContain('skipped_one');
    expect(measured).not.toContain('skipped_two');
  });

  it('leaves out what never ran because an upstream failed', async () => {
    const run = await detail('failing');
    expect(run.run.state).toBe('failed');
    expect(edges(run)).toEqual(['fine > broken']);
  });

  it('leaves out runs that were cleared, and says so', async () => {
    const run = await detail('cleared', 'lab_cleared_whole');
    if (fixture === 'airflow-2.7.3') return expect(run.tasks.every((task) => task.try_number > 1)).toBe(true);
    expect(run.transitions).toEqual([]);
    expect(run.run.notes.join()).toMatch(/cleared/);
  });

  it('waits as each trigger rule does', async () => {
    const run = await detail('trigger_rules');
    const waitedFor = Object.fromEntries(run.transitions.map((one) => [one.task_id, one.upstream_task_id]));
    expect(waitedFor).toEqual({
      all_success: 'slow',
      one_success: 'fast',
      one_done: expect.stringMatching(/fast/),
      none_failed: 'slow',
      none_failed_min_one_success: 'slow',
      none_skipped: 'slow',
      one_failed: 'broken',
      all_done: expect.any(String),
      all_failed: 'broken',
    });
  });

  it('keeps setup and teardown apart', async () => {
    expect(edges(await detail('setup_teardown'))).toEqual(['work > more_work']);
  });

  it('tells waiting for a slot from waiting for the scheduler on the critical path', async () => {
    const { critical_path: path, run } = await detail('one_slot');
    const [first, last] = path!.steps;
    expect(first!.task_id).toBe('begin');
    expect(last!.task_id).toMatch(/^contender_/);
    const total = path!.work_seconds + path!.scheduler_seconds + path!.slot_seconds;
    expect(total).toBeLessThanOrEqual(run.duration_seconds!);
    expect(total).toBeGreaterThan(run.duration_seconds! * 0.5);
  });

  it('finds runs by user, application and name', async () => {
    const find = async (key: string, value: string[]) =>
      (await lists.lookup(context, { key, value })).items.map((item) => item.run_id).sort();
    expect(await find('user_id', ['42'])).toEqual(['manual__2024-05-01T10:00:00+00:00', 'user-42-first']);
    expect(await find('user_id', ['42', '43', 'nobody'])).toHaveLength(3);
    expect(await find('application_id', ['app-0043'])).toEqual(['user-43']);
    expect(await find('name', ['name'])).toEqual(['user-by-name']);
    expect(await find('user_id', ['ada'])).toEqual(['user-by-name']);
  });

  it('links to where this Airflow shows a run', async () => {
    const { items } = await lists.lookup(context, { key: 'user_id', value: ['42'] });
    const { links, logical_date } = items.find((item) => item.run_id.startsWith('manual__'))!;
    const run = 'manual__2024-05-01T10%3A00%3A00%2B00%3A00';
    if (is3) {
      expect(links.external).toBe(`https://airflow.example.com/dags/user_flow/runs/${run}`);
      expect(links.graph).toContain(
        `/a/runbeat-observability-app/run?source=db&dag_id=user_flow&run_id=${run}&tab=graph`,
      );
      return;
    }
    const grid = `https://airflow.example.com/dags/user_flow/grid?dag_run_id=${run}`;
    expect(links.gantt).toMatch(new RegExp(`^${grid.replaceAll(/[.?]/g, '\\$&')}&tab=gantt&base_date=`));
    const base = new Date(new URL(links.graph).searchParams.get('base_date')!);
    expect(base.getTime()).toBeGreaterThanOrEqual(new Date(logical_date!).getTime());
  });

  it('shows what is active, with nothing forgotten by the scheduler', async () => {
    expect(await exporter.value('runbeat_runs_active{source="db",dag_id="one_run_at_a_time",state="queued"}')).toBe(1);
    expect(await exporter.value('runbeat_tasks_active{source="db",dag_id="waiting",state="deferred"}')).toBe(1);
    expect(await exporter.value('runbeat_tasks_active{source="db",dag_id="full_pool",state="scheduled"}')).toBe(1);
    expect(await exporter.value('runbeat_pool_slots_used{source="db",pool="held_slot"}')).toBe(1);
    // A paused DAG, a full pool, a reached max_active_runs and a retry that is not due hold all of it back.
    expect(await exporter.value('runbeat_oldest_ready_task_age_seconds{source="db"}')).toBe(0);
  });

  it('takes a task for forgotten once the pool has room for it', async () => {
    await source.pool.query("update slot_pool set slots = 5 where pool = 'held_slot'");
    await exporter.observer.poll();
    expect(await exporter.value('runbeat_oldest_ready_task_age_seconds{source="db"}')).toBeGreaterThan(0.5);
    await source.pool.query("update slot_pool set slots = 1 where pool = 'held_slot'");
  });

  it('counts every finished run once', async () => {
    const { rows } = await source.pool.query(
      "select dag_id, state, count(*)::int as runs from dag_run where state in ('success', 'failed') group by 1, 2",
    );
    for (const { dag_id, state, runs } of rows) {
      expect(await exporter.value(`runbeat_runs_finished_total{source="db",dag_id="${dag_id}",state="${state}"}`)).toBe(
        runs,
      );
    }
  });

  it('tells the killed scheduler of two although its row says running for ever, and later lets it rest', async () => {
    const killed = `(select min(id) from job where job_type = 'SchedulerJob')`;
    const age = (seconds: number) =>
      source.pool
        .query(`update job set latest_heartbeat = now() - case when id = ${killed} then interval '${seconds} seconds' else interval '0' end
        where job_type = 'SchedulerJob'`);
    // An exporter that comes after the kill: nobody has seen the heartbeat move.
    const alive = async () => {
      const newcomer = await createExporter({
        sourceUrl: source.url,
        indexUrl: index.url,
        source: { name: 'newcomer' },
      });
      await newcomer.observer.poll();
      const lives = newcomer.observer.schedulers!.lives.map((life) => life.alive).sort();
      expect(await newcomer.value('runbeat_schedulers_alive{source="newcomer"}')).toBe(1);
      await newcomer.close();
      return lives;
    };
    await age(60);
    expect(await alive()).toEqual([false, true]);
    await age(700);
    expect(await alive()).toEqual([true]);
  });

  it('says of logs where they are not', async () => {
    await expect(
      import('../../exporter/api/runDetail.ts').then(({ runLog }) =>
        runLog(context, { source: 'db', dag_id: 'retries', run_id: 'lab_retries' }),
      ),
    ).rejects.toThrow(/outside of its database/);
  });

  it('still finds a run that the source has cleaned, and says what is left of it', async () => {
    await source.pool.query("delete from dag_run where run_id = 'user-43'");
    const { items } = await lists.lookup(context, { key: 'user_id', value: ['43'] });
    expect(items).toMatchObject([{ run_id: 'user-43', state: 'success' }]);
    const run = await detail('user_flow', 'user-43');
    expect(run.run).toMatchObject({ state: 'success', keys: { user_id: ['43'] } });
    expect(run.run.notes.join()).toMatch(/no longer has the rows/);
  });
});

describe('the shape of a DAG in Airflow 2', () => {
  it('is not guessed for a run that was made from an older one', async () => {
    const [source, index] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    await loadFixture(source.url, 'airflow-2.11.0');
    const exporter = await createExporter({ sourceUrl: source.url, indexUrl: index.url });
    await exporter.settle();
    const context = { index: exporter.index, sources: [exporter.observer] };
    const ask = (run_id: string) => runDetail(context, { source: 'db', dag_id: 'reshaped', run_id });
    const [before, after] = [await ask('lab_reshaped_first'), await ask('lab_reshaped_second')];
    expect(before).toMatchObject({ edges: [], transitions: [], critical_path: null });
    expect(before.run.notes.join()).toMatch(/changed since/);
    expect(after.edges).toHaveLength(2);
    await exporter.close();
    await Promise.all([source.drop(), index.drop()]);
  });
});

describe('probing', () => {
  it.each(SCHEMA_FIXTURES)('accepts the schema of %s, and every query of its reader runs on it', async (fixture) => {
    const [source, index] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    await loadFixture(source.url, fixture);
    const exporter = await createExporter({ sourceUrl: source.url, indexUrl: index.url, keys: KEYS });
    await exporter.settle();
    const [, major, minor] = /schema-(\d)\.(\d+)/.exec(fixture)!;
    expect(exporter.observer.status()).toMatchObject({
      kind: `airflow${major}`,
      version: expect.stringContaining(`${major}.${minor}`),
    });
    await exporter.observer.read(async (reader) => {
      const run = { id: 1, dag_id: 'none', run_id: 'none' };
      await reader.attemptsOf(run);
      await reader.tasksOf([run], 1);
      await reader.taskStatesOf([run]);
      await reader.conf(1);
      await reader.structures([{ dag_id: 'none', version: null }], () => undefined);
    });
    await exporter.close();
    await Promise.all([source.drop(), index.drop()]);
  });

  it.each([
    ['an empty database', 'select 1', /no dag_run table.*tables: none/],
    ['somebody else’s database', 'create table orders (id int)', /public\.orders.*right database/],
    [
      'a dag_run of an Airflow too old',
      'create table dag_run (id int, execution_date timestamptz); create table task_instance (id int)',
      /it has no .*dag_run\.updated_at/,
    ],
  ])('refuses %s and says what it found', async (_name, sql, message) => {
    const source = await createTestDatabase();
    await source.pool.query(sql);
    await expect(probe(source.pool)).rejects.toThrow(message);
    await source.drop();
  });
});
