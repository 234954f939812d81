import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadFixture } from '../../airflow/lab/fixture.ts';
import { createTestDatabase, type TestDatabase } from '../../postgres/database.ts';
import { createExporter, type TestExporter } from '../world.ts';

const LIMIT = 60;
const PROMISE = { name: 'quick', dags: 'branches_join', ends_within: `${LIMIT}s`, share: '95%' };
const FRESH = { name: 'fresh', dags: 'branches_join', succeeded_within: '1h' };

let source: TestDatabase;
let index: TestDatabase;
let exporter: TestExporter;

beforeEach(async () => {
  [source, index] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  await loadFixture(source.url, 'airflow-2.11.0', { takenAt: new Date() });
  await source.pool.query(`delete from job`);
  exporter = await createExporter({ sourceUrl: source.url, indexUrl: index.url, promises: [PROMISE, FRESH] });
});
afterEach(async () => {
  await exporter.close();
  await Promise.all([source.drop(), index.drop()]);
});

const broken = (): Promise<number | null> =>
  exporter.value('runbeat_promise_runs_total{source="db",dag_id="branches_join",promise="quick",verdict="broken"}');

/** Writes some heartbeats of a scheduler whose clock is ahead of the database's by `skew` seconds, with a poll after each. */
async function beats(hostname: string, skew: number): Promise<void> {
  for (let beat = 0; beat < 6; beat++) {
    const { rowCount } = await source.pool.query(
      `update job set latest_heartbeat = now() + $2 * interval '1 s' where hostname = $1`,
      [hostname, skew],
    );
    if (rowCount === 0) {
      await source.pool.query(
        `insert into job (job_type, state, start_date, latest_heartbeat, hostname)
         values ('SchedulerJob', 'running', now() - interval '1 h', now() + $2 * interval '1 s', $1)`,
        [hostname, skew],
      );
    }
    await exporter.observer.poll();
  }
}

/** Makes a run that has been running for `seconds` by the clock of a scheduler that is `behind` seconds behind. */
const runFor = (seconds: number, behind: number): Promise<unknown> =>
  source.pool.query(
    `update dag_run set state = 'running', end_date = null, clear_number = 0, run_type = 'manual',
       start_date = now() - $1 * interval '1 s' where id = (select max(id) from dag_run where dag_id = 'branches_join')`,
    [seconds + behind],
  );

it('a run is not broken while its scheduler, whose clock is behind, can still end it in time', async () => {
  await beats('slow', -30);
  await runFor(LIMIT - 10, 30);
  await exporter.settle();
  expect(await broken()).toBe(0);
  await runFor(LIMIT + 10, 30);
  await exporter.settle();
  expect(await broken()).toBe(1);
});

it('a wait is neither overdue nor broken while that scheduler can still end a run in time', async () => {
  const labels = 'source="db",dag_id="branches_join",promise="fresh"';
  const overdue = (): Promise<number | null> => exporter.value(`runbeat_promise_overdue_seconds{${labels}}`);
  await source.pool.query(
    `update dag_run set end_date = now() - interval '3610 s' where dag_id = 'branches_join' and state = 'success'`,
  );
  await beats('slow', -30);
  await exporter.settle();
  await exporter.settle();
  expect(await overdue()).toBe(0);
  expect(await exporter.value(`runbeat_promise_runs_total{${labels},verdict="broken"}`)).toBe(0);
  await beats('slow', 0);
  await exporter.settle();
  expect(await overdue()).toBeGreaterThan(9);
  expect(await exporter.value(`runbeat_promise_runs_total{${labels},verdict="broken"}`)).toBe(1);
});

it('of several schedulers the one that is furthest behind counts, and one that is ahead does not', async () => {
  await beats('fast', 90);
  await beats('slow', -30);
  await runFor(LIMIT - 10, 30);
  await exporter.settle();
  expect(await broken()).toBe(0);
});

it('without a difference between the clocks a run is broken at once', async () => {
  await beats('exact', 0);
  await runFor(LIMIT + 1, 0);
  await exporter.settle();
  expect(await broken()).toBe(1);
});
