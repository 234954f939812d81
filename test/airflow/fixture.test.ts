import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';
import { DATA_FIXTURES, loadFixture, SCHEMA_FIXTURES } from './lab/fixture.ts';
import { ENDING_RUNS, RESHAPED_RUN, STANDING_RUNS } from './lab/scenario.ts';

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase();
});

afterEach(() => database.drop());

async function values(sql: string): Promise<unknown[]> {
  const { rows } = await database.pool.query<Record<string, unknown>>(sql);
  return rows.map((row) => Object.values(row)[0]);
}

describe.each(DATA_FIXTURES)('the database of %s', (name) => {
  test('has every run of the scenario in its expected state', async () => {
    await loadFixture(database.url, name);
    const runs = await values("select concat_ws(' ', dag_id, run_id, state) from dag_run where dag_id <> 'daily'");
    const planned = [...ENDING_RUNS, RESHAPED_RUN, ...STANDING_RUNS];
    expect(runs.sort()).toEqual(planned.map(({ dagId, runId, state }) => `${dagId} ${runId} ${state}`).sort());
  });

  test('has tasks in every state that is possible in an unfinished run', async () => {
    await loadFixture(database.url, name);
    const states = await values('select distinct coalesce(state, $$none$$) from task_instance order by 1');
    expect(states).toEqual([
      'deferred',
      'failed',
      'none',
      'running',
      'scheduled',
      'skipped',
      'success',
      'up_for_reschedule',
      'up_for_retry',
      'upstream_failed',
    ]);
  });

  test('keeps the row of the scheduler that was killed, with the state running', async () => {
    await loadFixture(database.url, name);
    const hosts = await values(
      "select hostname from job where job_type = 'SchedulerJob' and state = 'running' order by hostname",
    );
    expect(hosts).toEqual(['scheduler', 'scheduler-2']);
  });

  test('can be moved to another time without changing any duration', async () => {
    const durations = 'select extract(epoch from end_date - start_date)::text from task_instance order by 1';
    const taken = await loadFixture(database.url, name);
    const before = await values(durations);
    const newest = (await values('select max(latest_heartbeat) from job')) as [Date];
    const other = await createTestDatabase();
    try {
      const moment = new Date('2031-02-03T04:05:06.789Z');
      await loadFixture(other.url, name, { takenAt: moment });
      const { rows } = await other.pool.query<{ newest: Date }>('select max(latest_heartbeat) as newest from job');
      expect(moment.getTime() - rows[0]!.newest.getTime()).toBe(taken.getTime() - newest[0].getTime());
      const after = await other.pool.query<{ extract: string }>(durations);
      expect(after.rows.map(({ extract }) => extract)).toEqual(before);
    } finally {
      await other.drop();
    }
  });
});

describe.each(SCHEMA_FIXTURES)('the schema of %s', (name) => {
  test('has the indexes that make queries for active runs cheap', async () => {
    await loadFixture(database.url, name);
    const indexes = await values(
      `select concat_ws(' ', indexname, substring(indexdef from 'WHERE.*')) from pg_indexes
        where indexname in ('idx_dag_run_running_dags', 'idx_dag_run_queued_dags', 'ti_dag_run') order by indexname`,
    );
    expect(indexes).toEqual([
      "idx_dag_run_queued_dags WHERE ((state)::text = 'queued'::text)",
      "idx_dag_run_running_dags WHERE ((state)::text = 'running'::text)",
      'ti_dag_run',
    ]);
  });
});
