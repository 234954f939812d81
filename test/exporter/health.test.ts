import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { health } from '../../exporter/api/health.ts';
import type { SourceHealth } from '../../shared/api.ts';
import { DATA_FIXTURES, loadFixture } from '../airflow/lab/fixture.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';
import { createExporter, type TestExporter } from './world.ts';

describe.each(DATA_FIXTURES)('the health of a real %s', (fixture) => {
  const is3 = fixture.startsWith('airflow-3');
  let source: TestDatabase;
  let index: TestDatabase;
  let exporter: TestExporter | undefined;

  beforeAll(async () => {
    [source, index] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    await loadFixture(source.url, fixture, { takenAt: new Date() });
  });
  // This exporter starts after the change, so it has not seen any heartbeat change.
  const newcomer = async (): Promise<void> => {
    await exporter?.close();
    exporter = await createExporter({ sourceUrl: source.url, indexUrl: index.url });
  };
  beforeEach(async () => {
    await source.pool.query(`update job set latest_heartbeat = now(), state = 'running'`);
    await source.pool.query('update dag set last_parsed_time = now()');
  });
  afterAll(async () => {
    await exporter?.close();
    await Promise.all([source.drop(), index.drop()]);
  });

  const asked = async (): Promise<SourceHealth> => {
    await newcomer();
    await exporter!.observer.poll();
    return health({ sources: [exporter!.observer] }).items[0]!;
  };
  const silence = (job: string, seconds: number) =>
    source.pool.query(`update job set latest_heartbeat = now() - make_interval(secs => $2) where job_type = $1`, [
      job,
      seconds,
    ]);
  const alive = (found: SourceHealth, component: string) =>
    found.components.filter((one) => one.component === component).map((one) => one.alive);
  const value = (metric: string) => exporter!.value(`runbeat_${metric}{source="db"}`);

  it('lists each component that exists, and no others', async () => {
    const found = await asked();
    expect(alive(found, 'triggerer')).toEqual([true]);
    expect(alive(found, 'dag_processor')).toEqual(is3 ? [true] : []);
    expect(alive(found, 'scheduler')).toEqual([true, true]);
    const label = 'component="triggerer",instance="triggerer:';
    expect(await exporter!.metrics()).toMatch(new RegExp(`runbeat_component_alive\\{source="db",${label}\\d+"\\} 1`));
  });

  it('reports a triggerer whose heartbeat is older than the threshold, with its unattended work', async () => {
    await source.pool.query(
      `update trigger set triggerer_id = (select min(id) from job where job_type = 'TriggererJob')`,
    );
    await source.pool.query(
      "update task_instance set updated_at = now() - interval '1 minute' where state = 'deferred'",
    );
    await asked();
    expect(await value('deferred_unserved')).toBe(0);
    await silence('TriggererJob', 60);
    const found = await asked();
    expect(alive(found, 'triggerer')).toEqual([false]);
    expect(found.deferred_unserved).toBe(1);
    expect(await value('deferred_unserved')).toBe(1);
  });

  it('reports the dead one of two while the other is alive, and stops reporting it later', async () => {
    await source.pool.query(`insert into job (job_type, state, start_date, latest_heartbeat, hostname)
      values ('TriggererJob', 'running', now() - interval '1 hour', now() - interval '1 minute', 'killed')`);
    expect(alive(await asked(), 'triggerer').sort()).toEqual([false, true]);
    await source.pool.query(`update job set latest_heartbeat = now() - interval '1 hour' where hostname = 'killed'`);
    expect(alive(await asked(), 'triggerer')).toEqual([true]);
    await source.pool.query(`delete from job where hostname = 'killed'`);
  });

  it('does not report a triggerer that shut down properly and was not needed again', async () => {
    await silence('TriggererJob', 3600);
    await source.pool.query(`update job set state = 'success' where job_type = 'TriggererJob'`);
    expect(alive(await asked(), 'triggerer')).toEqual([]);
  });

  it('reports files that cannot be imported, with their errors and since when', async () => {
    await source.pool.query(`insert into import_error (timestamp, filename, stacktrace)
      values (now() - interval '5 minutes', '/dags/broken.py', E'Traceback:\\n  File "x"\\nModuleNotFoundError: No module named ''nope''\\n')`);
    const { import_errors: errors } = await asked();
    expect(errors).toMatchObject({
      total: 1,
      items: [{ file: '/dags/broken.py', error: "ModuleNotFoundError: No module named 'nope'" }],
    });
    expect(await value('import_errors')).toBe(1);
    await source.pool.query('delete from import_error');
    expect((await asked()).import_errors).toEqual({ total: 0, items: [] });
    expect(await value('import_errors')).toBe(0);
  });

  it('reports DAGs that are no longer parsed', async () => {
    await source.pool.query(`update dag set last_parsed_time = now() - interval '11 minutes' where dag_id = 'daily'`);
    expect((await asked()).unparsed_dags).toMatchObject({ total: 1, items: [{ dag_id: 'daily' }] });
    expect(await value('dags_unparsed')).toBe(1);
  });
});

describe('the health of an Airflow whose role was made for an older Runbeat', () => {
  it('names what the role may not read, and reports no number for it', async () => {
    const [source, index] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    await loadFixture(source.url, 'airflow-3.3.2', { takenAt: new Date() });
    const role = `older_${process.pid}`;
    await source.pool.query(`create role ${role} login password 'x'; grant usage on schema public to ${role};
      grant select on alembic_version, dag, dag_run, job, serialized_dag, slot_pool, task_instance, task_reschedule,
        task_instance_history to ${role}`);
    const url = new URL(source.url);
    url.username = role;
    url.password = 'x';
    const exporter = await createExporter({ sourceUrl: url.href, indexUrl: index.url });
    await exporter.settle();
    const [found] = health({ sources: [exporter.observer] }).items;
    expect(found).toMatchObject({ import_errors: null, deferred_unserved: null, unparsed_dags: { total: 0 } });
    expect(found!.notes.join(' ')).toMatch(/may not read import_error.*may not read trigger/);
    expect(await exporter.value('runbeat_import_errors{source="db"}')).toBeNull();
    expect(exporter.observer.status()).toMatchObject({ up: true, problem: null });
    await exporter.close();
    await source.pool.query(`drop owned by ${role}; drop role ${role}`);
    await Promise.all([source.drop(), index.drop()]);
  });
});
