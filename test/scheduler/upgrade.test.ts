import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';
import { openLab, type Lab } from './lab.ts';

/**
 * A dump of 0.1.0, whose worker was killed. In both of its runs `held` is running, `waiting` is queued with priority 7,
 * and the sensor `gate` is queued for its next poke.
 */
const DUMP = path.join(import.meta.dirname, 'fixtures', 'runbeat-0.1.0.sql.gz');

let database: TestDatabase;
let lab: Lab | undefined;
afterEach(async () => {
  await lab?.close();
  await database.drop();
});

async function restoreDump(): Promise<void> {
  database = await createTestDatabase();
  await database.pool.query(gunzipSync(readFileSync(DUMP)).toString());
  await database.pool.query("update runbeat.job set latest_heartbeat = now() - interval '1 hour'");
}

describe('a database of 0.1.0', () => {
  it('is migrated with tasks queued and running, and its runs finish', async () => {
    await restoreDump();
    lab = await openLab({ databaseUrl: database.url });
    // No file has the DAG any more. Its runs continue with the version and the code that they started with.
    await lab.scheduler();
    await lab.worker({ queues: ['default', 'other'] });
    await lab.eventually(
      "select from runbeat.task_instance where task_id = 'waiting' and state = 'success' having count(*) = 2",
    );
    await lab.pool.query(`update runbeat.dag_run set conf = '{"open": true}'`);
    for (const runId of ['first', 'second']) {
      const run = await lab.finished('upgrade', runId);
      expect(run.state).toBe('success');
      expect(run.tasks.map((task) => [task.task_id, task.state, task.try_number])).toEqual([
        ['held', 'success', 2],
        ['gate', 'success', 1],
        ['waiting', 'success', 1],
        ['last', 'success', 1],
      ]);
      expect(run.tasks[0]!.earlier_attempts).toMatchObject([{ try_number: 1, state: 'failed' }]);
    }
  });

  it('keeps the end of an attempt that a 0.1.0 worker records after the upgrade', async () => {
    await restoreDump();
    lab = await openLab({ databaseUrl: database.url });
    const ended = await lab.pool.query(
      `update runbeat.task_instance set state = 'success', end_date = clock_timestamp()
        where task_id = 'held' and try_number = 1 and queue_job_id is not null and worker_job_id = 2 and state = 'running'`,
    );
    expect(ended.rowCount).toBe(2);
  });
});
