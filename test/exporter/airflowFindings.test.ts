import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runDetail } from '../../exporter/api/runDetail.ts';
import * as lists from '../../exporter/api/lists.ts';
import type { RunDetail } from '../../shared/api.ts';
import { DATA_FIXTURES } from '../airflow/lab/fixture.ts';
import { createExporter } from './world.ts';
import { readRealAirflow, type RealAirflow } from './realAirflow.ts';

describe.each(DATA_FIXTURES)('the API for a real %s', (fixture) => {
  const is3 = fixture.startsWith('airflow-3');
  let airflow: RealAirflow;
  beforeAll(async () => {
    airflow = await readRealAirflow(fixture);
  });
  afterAll(() => airflow.close());

  const detail: RealAirflow['detail'] = (dagId, runId) => airflow.detail(dagId, runId);

  it('finds runs by user, application and name', async () => {
    const find = async (key: string, value: string[]) =>
      (await lists.lookup(airflow.exporter.context, { key, value })).items.map((item) => item.run_id).sort();
    expect(await find('user_id', ['42'])).toEqual(['manual__2024-05-01T10:00:00+00:00', 'user-42-first']);
    expect(await find('user_id', ['42', '43', 'nobody'])).toHaveLength(3);
    expect(await find('application_id', ['app-0043'])).toEqual(['user-43']);
    expect(await find('name', ['name'])).toEqual(['user-by-name']);
    expect(await find('user_id', ['ada'])).toEqual(['user-by-name']);
  });

  it('links to the page on which this Airflow shows a run', async () => {
    const { items } = await lists.lookup(airflow.exporter.context, { key: 'user_id', value: ['42'] });
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

  it('links each task instance to its own page in this Airflow', async () => {
    const run_id = 'manual__2024-05-01T10:00:00+00:00';
    const { tasks } = await runDetail(airflow.exporter.context, { source: 'db', dag_id: 'user_flow', run_id });
    const dag = 'https://airflow.example.com/dags/user_flow';
    const run = 'manual__2024-05-01T10%3A00%3A00%2B00%3A00';
    for (const { task_id, external } of tasks) {
      if (is3) expect(external).toBe(`${dag}/runs/${run}/tasks/${task_id}`);
      else expect(external).toContain(`${dag}/grid?dag_run_id=${run}&task_id=${task_id}&tab=logs&base_date=`);
    }
    expect(tasks).not.toEqual([]);
  });

  it('lists active runs, none of which the scheduler has forgotten', async () => {
    expect(
      await airflow.exporter.value('runbeat_runs_active{source="db",dag_id="one_run_at_a_time",state="queued"}'),
    ).toBe(1);
    expect(await airflow.exporter.value('runbeat_tasks_active{source="db",dag_id="waiting",state="deferred"}')).toBe(1);
    expect(await airflow.exporter.value('runbeat_tasks_active{source="db",dag_id="full_pool",state="scheduled"}')).toBe(
      1,
    );
    expect(await airflow.exporter.value('runbeat_pool_slots_used{source="db",pool="held_slot"}')).toBe(1);
    // All of them are held back, by a paused DAG, a full pool, a reached max_active_runs or a retry that is not due.
    expect(await airflow.exporter.value('runbeat_oldest_ready_task_age_seconds{source="db"}')).toBe(0);
  });

  it('says why each unfinished run and task waits', async () => {
    const waiting = await detail('waiting');
    const of = (run: RunDetail, id: string) => run.tasks.find((task) => task.task_id === id)!.waiting;
    expect(of(waiting, 'rescheduled')).toMatchObject({ reason: 'next_poke', until: expect.any(String) });
    expect(of(waiting, 'deferred')).toMatchObject({ reason: 'trigger' });
    expect(of(waiting, 'retrying')).toMatchObject({
      reason: 'retry',
      until: expect.any(String),
      detail: expect.stringContaining('Try 1 failed'),
    });
    expect(of(waiting, 'not_yet')).toMatchObject({
      reason: 'upstream',
      blockers: [{ dag_id: 'waiting', run_id: 'lab_waiting', task_id: 'retrying', map_index: -1 }],
    });
    expect(of(waiting, 'begin')).toBeNull();
    expect(of(await detail('full_pool'), 'contender')).toMatchObject({
      reason: 'pool_full',
      blockers: [{ dag_id: 'full_pool', task_id: 'holder' }],
    });
    const heldBack = (await detail('one_run_at_a_time', 'lab_held_back')).run;
    expect(heldBack.waiting).toMatchObject({ reason: 'max_active_runs', blockers: [{ run_id: 'lab_active' }] });
    expect((await detail('paused')).run.waiting).toMatchObject({ reason: 'dag_paused' });
    const listed = await lists.runs(airflow.exporter.context, { state: 'queued' });
    expect(listed.items.map((run) => [run.dag_id, run.waiting?.reason]).sort()).toEqual([
      ['one_run_at_a_time', 'max_active_runs'],
      ['paused', 'dag_paused'],
    ]);
  });

  it('counts a task as forgotten from when its pool has room for it', async () => {
    await airflow.source.pool.query("update slot_pool set slots = 5 where pool = 'held_slot'");
    await airflow.exporter.observer.poll();
    expect(await airflow.exporter.value('runbeat_oldest_ready_task_age_seconds{source="db"}')).toBeGreaterThan(0);
    const { tasks } = await detail('full_pool');
    expect(tasks.find((task) => task.task_id === 'contender')!.waiting).toMatchObject({ reason: 'scheduler' });
    await airflow.source.pool.query("update slot_pool set slots = 1 where pool = 'held_slot'");
    await airflow.exporter.observer.poll();
    expect(await airflow.exporter.value('runbeat_oldest_ready_task_age_seconds{source="db"}')).toBe(0);
  });

  it('counts every finished run once', async () => {
    const { rows } = await airflow.source.pool.query(
      "select dag_id, state, count(*)::int as runs from dag_run where state in ('success', 'failed') group by 1, 2",
    );
    for (const { dag_id, state, runs } of rows) {
      expect(
        await airflow.exporter.value(`runbeat_runs_finished_total{source="db",dag_id="${dag_id}",state="${state}"}`),
      ).toBe(runs);
    }
  });

  it('reports the killed one of two schedulers although its row stays running, and stops reporting it later', async () => {
    const killed = `(select min(id) from job where job_type = 'SchedulerJob')`;
    const age = (seconds: number) =>
      airflow.source.pool
        .query(`update job set latest_heartbeat = now() - case when id = ${killed} then interval '${seconds} seconds' else interval '0' end
        where job_type = 'SchedulerJob'`);
    // This exporter starts after the kill, so it has not seen the heartbeat change.
    const alive = async () => {
      const newcomer = await createExporter({
        sourceUrl: airflow.source.url,
        indexUrl: airflow.index.url,
        source: { name: 'newcomer' },
      });
      await newcomer.observer.poll();
      const lives = newcomer.observer.schedulers.map((life) => life.alive).sort();
      expect(await newcomer.value('runbeat_schedulers_alive{source="newcomer"}')).toBe(1);
      await newcomer.close();
      return lives;
    };
    await age(60);
    expect(await alive()).toEqual([false, true]);
    await age(700);
    expect(await alive()).toEqual([true]);
  });

  it('names the traces of a run and of its tasks if Airflow sends any', async () => {
    const [ofRun, ofTask] = ['a'.repeat(31) + '1', 'b'.repeat(31) + '2'];
    const parent = (id: string) => JSON.stringify({ traceparent: `00-${id}-00f067aa0ba902b7-01` });
    const traced = { dag_id: 'user_flow', run_id: 'user-42-first' };
    if (is3) {
      const of = `where dag_id = 'user_flow' and run_id = 'user-42-first'`;
      // A dictionary as Airflow serializes it, and a plain one.
      await airflow.source.pool.query(`update dag_run set context_carrier = $1 ${of}`, [
        JSON.stringify({ __type: 'dict', __var: JSON.parse(parent(ofRun)) as object }),
      ]);
      await airflow.source.pool.query(`update task_instance set context_carrier = $1 ${of} and task_id = 'answer'`, [
        parent(ofTask),
      ]);
      await airflow.source.pool.query(`update task_instance set context_carrier = $1 ${of} and task_id = 'decide'`, [
        parent('0'.repeat(32)),
      ]);
      await airflow.source.pool.query(`update task_instance set context_carrier = '[1]' ${of} and task_id = 'receive'`);
    }
    const { run, tasks } = await detail(traced.dag_id, traced.run_id);
    expect(run.trace_id).toBe(is3 ? ofRun : null);
    expect(Object.fromEntries(tasks.map(({ task_id, trace_id }) => [task_id, trace_id]))).toEqual({
      receive: null,
      decide: null,
      answer: is3 ? ofTask : null,
    });
    expect((await detail('onboarding')).run.trace_id).toBeNull();
  });

  it('says where to find logs that are not in the database', async () => {
    await expect(
      import('../../exporter/api/runLog.ts').then(({ runLog }) =>
        runLog(airflow.exporter.context, { source: 'db', dag_id: 'retries', run_id: 'lab_retries' }),
      ),
    ).rejects.toThrow(/outside its database/);
  });

  it('still finds a run that the source has deleted, and says what is left of it', async () => {
    await airflow.source.pool.query("delete from dag_run where run_id = 'user-43'");
    const { items } = await lists.lookup(airflow.exporter.context, { key: 'user_id', value: ['43'] });
    expect(items).toMatchObject([{ run_id: 'user-43', state: 'success' }]);
    const run = await detail('user_flow', 'user-43');
    expect(run.run).toMatchObject({ state: 'success', keys: { user_id: ['43'] } });
    expect(run.run.notes.join()).toMatch(/no longer has the rows/);
  });

  it('looks for the previous run of a DAG with catchup among the runs that were not started manually, as its scheduler does', async () => {
    const { pool } = airflow.source;
    const logical = is3 ? 'logical_date' : 'execution_date';
    const { rows: runs } = await pool.query<{ run_id: string }>(
      `select run_id from dag_run where dag_id = 'daily' and run_type = 'scheduled' order by ${logical}`,
    );
    const [first, second] = runs.map((run) => run.run_id);
    const newIds = is3 ? ", 'id', gen_random_uuid()" : '';
    await pool.query(`
      delete from dag_run where run_id = 'by-hand';
      insert into dag_run select (jsonb_populate_record(r, jsonb_build_object('id', 1000000, 'run_id', 'by-hand',
          'run_type', 'manual', '${logical}', r.${logical} + interval '1 hour'))).* from dag_run r where r.run_id = '${first}' and dag_id = 'daily';
      insert into task_instance select (jsonb_populate_record(t, jsonb_build_object('run_id', 'by-hand'${newIds}))).*
        from task_instance t where t.run_id = '${first}' and dag_id = 'daily';
      update task_instance set state = 'failed' where dag_id = 'daily' and run_id = '${first}';
      update task_instance set state = null, start_date = null, end_date = null, updated_at = now()
        where dag_id = 'daily' and run_id = '${second}';
      update dag_run set state = 'running', end_date = null, last_scheduling_decision = now(), updated_at = now()
        where dag_id = 'daily' and run_id = '${second}'`);
    await airflow.exporter.settle();
    const { tasks } = await detail('daily', second);
    expect(tasks.find((task) => task.task_id === 'only')!.waiting).toMatchObject({
      reason: 'depends_on_past',
      blockers: [{ run_id: first, task_id: 'only' }],
    });
  });
});
