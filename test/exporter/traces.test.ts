import { expect, it } from 'vitest';
import { runDetail } from '../../exporter/api/runDetail.ts';
import { loadFixture } from '../airflow/lab/fixture.ts';
import { createTestDatabase } from '../postgres/database.ts';
import { createExporter } from './world.ts';
import { traceIdOf } from '../../exporter/sources/traces.ts';

const ID = '4bf92f3577b34da6a3ce929d0e0e4736';

it.each([
  [`00-${ID}-00f067aa0ba902b7-01`, ID],
  [`00-${ID}-00f067aa0ba902b7-03`, ID],
  // A later version may add fields.
  [`cc-${ID}-00f067aa0ba902b7-01-what-comes`, ID],
  // Not sampled.
  [`00-${ID}-00f067aa0ba902b7-00`, null],
  [`00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, null],
  [`00-${ID.slice(1)}-00f067aa0ba902b7-01`, null],
  [`00-${ID}-00f067aa0ba902b7-01x`, null],
  [ID, null],
  ['', null],
])('the trace of %j is %s', (traceparent, id) => {
  expect(traceIdOf(traceparent)).toBe(id);
});

it.each(['airflow-3.1.8', 'airflow-3.3.2', 'airflow-3.4.0b2'] as const)(
  'the trace of a run and of each task is read from the rows of a real %s if they are sampled',
  async (fixture) => {
    const [source, index] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    await loadFixture(source.url, fixture, { takenAt: new Date() });
    const exporter = await createExporter({ sourceUrl: source.url, indexUrl: index.url });
    await exporter.settle();
    const name = { source: 'db', dag_id: 'branches_join', run_id: 'lab_branches_join' };
    const tracesOf = async (): Promise<(string | null)[]> => {
      const { run, tasks } = await runDetail(exporter.context, name);
      return [run.trace_id, ...tasks.map((task) => task.trace_id)];
    };
    // The recorded Airflows sent no traces: 3.1 wrote no ids, and later ones wrote ids that are not sampled.
    const none = await tracesOf();
    expect(new Set(none)).toEqual(new Set([null]));
    for (const table of ['dag_run', 'task_instance']) {
      await source.pool.query(
        `update ${table} set context_carrier = replace(context_carrier::text, '-00"', '-01"')::jsonb`,
      );
    }
    const ids = await tracesOf();
    expect(ids).toHaveLength(none.length);
    if (fixture === 'airflow-3.1.8') expect(ids).toEqual(none);
    else for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
    await exporter.close();
    await Promise.all([source.drop(), index.drop()]);
  },
);
