import { describe, expect, it } from 'vitest';
import { runDetail } from '../../exporter/api/runDetail.ts';
import { loadFixture } from '../airflow/lab/fixture.ts';
import type { TestDatabase } from '../postgres/database.ts';
import { databasesOfTest } from '../postgres/databasesOfTest.ts';
import { fillTables, type Insert } from './sparseRows.ts';
import { createExporter } from './world.ts';

/** Tables with fewer rows are small in any Airflow, and PostgreSQL reads them as a whole. */
const LARGE = 2_000;
const ENDED_RUNS = 4_000;
const TASKS = 5;
const POLLS = 3;

const database = databasesOfTest();

/** Those with different indexes on the tables that the exporter reads. */
const FIXTURES = ['schema-2.7.0', 'schema-2.11.0', 'schema-3.1.0', 'schema-3.3.0', 'schema-3.4.0'] as const;

describe.each(FIXTURES)('an exporter at %s', (fixture) => {
  /** Airflow 3.0 and 3.1 lack the index that this would need. */
  const lacksIndex = fixture === 'schema-3.1.0';

  it('reads no large table as a whole in each poll, nor for a run’s answer', async () => {
    const [source, index] = await Promise.all([database(), database()]);
    await loadFixture(source.url, fixture);
    await fillTables(source.pool, (insert) => fill(insert, fixture >= 'schema-3'));
    // The fixtures don't have this table of Airflow 3.2 and later.
    await source.pool.query(`create table callback (type text, state text);
      insert into callback select 'executor', 'success' from generate_series(1, 4000)`);
    await source.pool.query('vacuum analyze');
    const exporter = await createExporter({ sourceUrl: source.url, indexUrl: index.url });
    await exporter.settle();
    const before = await wholeReads(source);
    for (let poll = 0; poll < POLLS; poll++) {
      await source.pool.query(
        `update task_instance set state = 'success', end_date = now() where run_id = 'active_${poll}'`,
      );
      await exporter.observer.poll();
    }
    expect(exporter.observer.status().problem).toBeNull();
    for (const run_id of ['active_1', 'ended_1']) {
      const { tasks } = await runDetail(exporter.context, { source: 'db', dag_id: 'flow', run_id });
      expect(tasks).toHaveLength(TASKS);
    }
    await exporter.close();
    await untilReported(source);
    const after = await wholeReads(source);
    const reads = [...after].map(([table, count]) => ({ table, count: count - (before.get(table) ?? 0) }));
    // Once for each poll and answer, and once more for the first poke of ended_1.
    const mostOf = ({ table }: { table: string }): number =>
      lacksIndex && table === 'task_reschedule' ? POLLS + 2 + 1 : 0;
    expect(reads.filter((read) => read.count > mostOf(read))).toEqual([]);
  });
});

/** Sessions report what they have read at their end. */
async function untilReported({ pool }: TestDatabase): Promise<void> {
  const open = `select from pg_stat_activity where datname = current_database() and application_name like 'runbeat exporter%'`;
  while ((await pool.query(open)).rowCount! > 0);
}

/** How often each large table was read as a whole. */
async function wholeReads({ pool }: TestDatabase): Promise<Map<string, number>> {
  const { rows } = await pool.query<{ table: string; count: number }>(
    `select s.relname as table, s.seq_scan::int as count from pg_stat_user_tables s join pg_class c on c.oid = s.relid
     where c.reltuples >= $1`,
    [LARGE],
  );
  return new Map(rows.map(({ table, count }) => [table, count]));
}

async function fill(insert: Insert, is3: boolean): Promise<void> {
  await insert('dag', { dag_id: "'flow'", is_active: 'true', is_stale: 'false' });
  const moments = { queued_at: 'now()', start_date: 'now()', execution_date: "now() - n * interval '1 hour'" };
  const run = { dag_id: "'flow'", run_type: "'manual'", ...moments, run_after: 'now()' };
  await insert(
    'dag_run',
    { ...run, run_id: "'ended_' || n", state: "'success'", end_date: 'now()' },
    `generate_series(1, ${ENDED_RUNS}) n`,
  );
  await insert(
    'dag_run',
    { ...run, run_id: "'active_' || n", state: "'running'", execution_date: "now() + n * interval '1 hour'" },
    'generate_series(0, 9) n',
  );
  await insert(
    'task_instance',
    {
      ...{ task_id: "'task_' || n", dag_id: 'r.dag_id', run_id: 'r.run_id', map_index: '-1', region_index: '-1' },
      ...{
        state: "case when r.state = 'running' then 'running' else 'success' end",
        try_number: '1',
        pool: "'default_pool'",
      },
      ...{ start_date: 'now()', end_date: 'r.end_date', updated_at: 'now()', working_set: 'true' },
    },
    `dag_run r, generate_series(1, ${TASKS}) n`,
  );
  const poke = { start_date: 'now()', end_date: 'now()', reschedule_date: 'now()', duration: '1' };
  const ofTask: Record<string, string> = is3
    ? { ti_id: 't.id' }
    : { task_id: 't.task_id', dag_id: 't.dag_id', run_id: 't.run_id', map_index: '-1' };
  const pokes = "task_instance t, generate_series(1, 10) n where t.run_id like 'ended%' and t.task_id = 'task_1'";
  await insert('task_reschedule', { ...poke, ...ofTask }, pokes);
  const attempt = { task_id: 't.task_id', dag_id: 't.dag_id', run_id: 't.run_id', map_index: '-1', try_number: '0' };
  const kept = { state: "'failed'", pool: "'default_pool'" };
  await insert('task_instance_history', { ...attempt, ...kept }, "task_instance t where t.run_id like 'ended%'");
  const job = { job_type: "'LocalTaskJob'", state: "'success'", start_date: 'now()', latest_heartbeat: 'now()' };
  await insert('job', job, 'generate_series(1, 4000) n');
  await insert('job', { ...job, job_type: "'SchedulerJob'", state: "'running'" });
}
