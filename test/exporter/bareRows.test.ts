import { describe, expect, it } from 'vitest';
import { runDetail } from '../../exporter/api/runDetail.ts';
import { loadFixture } from '../airflow/lab/fixture.ts';
import { databasesOfTest } from '../postgres/databasesOfTest.ts';
import { fillTables, type Insert } from './sparseRows.ts';
import { createExporter } from './world.ts';

const database = databasesOfTest();

/** Those with different columns. */
const FIXTURES = ['schema-2.7.0', 'schema-2.11.0', 'schema-3.1.0', 'schema-3.3.0', 'schema-3.4.0'] as const;

describe.each(FIXTURES)('%s', (fixture) => {
  it('rows in which everything is NULL that may be NULL affect no other row', async () => {
    const [source, index] = await Promise.all([database(), database()]);
    await loadFixture(source.url, fixture);
    await fillTables(source.pool, fill);
    const exporter = await createExporter({ sourceUrl: source.url, indexUrl: index.url, keys: 'id=conf.id' });
    await exporter.settle();
    await source.pool.query(`update dag_run set state = 'success', end_date = now() where run_id = 'good'`);
    await exporter.observer.poll();
    expect(exporter.observer.status().problem).toBeNull();
    expect(await exporter.value('runbeat_runs_finished_total{source="db",dag_id="flow",state="success"}')).toBe(1);
    for (const run_id of ['good', 'bare', 'bare_failed']) {
      const { tasks } = await runDetail(exporter.context, { source: 'db', dag_id: 'flow', run_id });
      expect(tasks).toHaveLength(4);
    }
    await exporter.close();
  });
});

async function fill(insert: Insert): Promise<void> {
  await insert('dag', { dag_id: "'flow'", is_active: 'true', is_stale: 'false' });
  await insert('dag', { dag_id: "'bare'", is_active: 'true', is_stale: 'false' });
  const run = { dag_id: "'flow'", run_type: "'manual'", execution_date: "now() - n * interval '1 hour'" };
  await insert('dag_run', { ...run, run_id: "'bare'", state: "'running'" }, 'generate_series(1, 1) n');
  await insert('dag_run', { ...run, run_id: "'bare_queued'", state: "'queued'" }, 'generate_series(2, 2) n');
  await insert('dag_run', { ...run, run_id: "'bare_failed'", state: "'failed'" }, 'generate_series(3, 3) n');
  const moments = { queued_at: 'now()', start_date: 'now()' };
  await insert('dag_run', { ...run, ...moments, run_id: "'good'", state: "'running'" }, 'generate_series(4, 4) n');
  const states = "unnest(array['scheduled', 'running', 'up_for_reschedule', null]) with ordinality as s(state, n)";
  const task = { task_id: "'task_' || s.n", dag_id: 'r.dag_id', run_id: 'r.run_id', state: 's.state' };
  await insert('task_instance', { ...task, map_index: '-1', working_set: 'true' }, `dag_run r, ${states}`);
  await insert('job', { job_type: "'SchedulerJob'" });
  await insert('job', { job_type: "'TriggererJob'", latest_heartbeat: 'now()' });
  await insert('slot_pool', {});
  await insert('slot_pool', { pool: "'sized'" });
  await insert('import_error', {});
  await insert('trigger', {});
  await insert('backfill', {});
  await insert('callback', {});
  await insert('serialized_dag', { dag_id: "'flow'" });
}
