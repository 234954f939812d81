import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createLogger } from '../../platform/log.ts';
import { rerunTasks, triggerDag } from '../../scheduler/control.ts';
import { Archiver } from '../../scheduler/services/archiver.ts';
import {
  archiveAll,
  archiveBatch,
  countArchivable,
  lockArchive,
  unlockArchive,
} from '../../scheduler/store/archive.ts';
import { readLogs, showRun } from '../../scheduler/store/inspect.ts';
import { countExpiredLogs, deleteLogBatch } from '../../scheduler/store/logs.ts';
import { openLab, type Lab } from './lab.ts';

const WEEK = 7 * 86_400;
const MONTH = 30 * 86_400;

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
  lab.write(
    'small.ts',
    `import { dag } from 'runbeat';
     export default dag('small', {}, (b) => {
       b.task('t', { retries: 1, retryDelaySeconds: 0 }, ({ tryNumber }) => { if (tryNumber === 1) throw new Error('once'); });
     });`,
  );
  await lab.scheduler();
  await lab.worker();
  for (let at = 0; at < 5; at++) await lab.finished('small', await lab.trigger('small'));
  // All are a month old. The newest one stays because it is the last run of its DAG.
  await lab.pool.query("update runbeat.dag_run set run_id = 'run_' || id, end_date = end_date - interval '30 days'");
});
afterAll(() => lab.close());

describe('the archive', () => {
  it('takes runs older than a week, except the last of each DAG, with tasks and attempts', async () => {
    expect(await countArchivable(lab.pool, WEEK)).toBe(4);
    const client = await lab.pool.connect();
    expect(await archiveAll(client, { ageSeconds: WEEK, logAgeSeconds: 2 * MONTH, batchSize: 3 })).toEqual({
      runs: 4,
      logs: 0,
      unused: 0,
    });
    client.release();
    const { rows } = await lab.pool.query(
      `select (select count(*)::int from runbeat.dag_run) as runs,
              (select count(*)::int from runbeat.task_instance) as tasks,
              (select count(*)::int from runbeat.dag_run_archive) as archived_runs,
              (select count(*)::int from runbeat.task_instance_archive) as archived_tasks,
              (select count(*)::int from runbeat.task_instance_history_archive) as archived_attempts`,
    );
    expect(rows).toEqual([{ runs: 1, tasks: 1, archived_runs: 4, archived_tasks: 4, archived_attempts: 4 }]);
    const run = await showRun(lab.pool, 'small', 'run_1');
    expect(run).toMatchObject({ archived: true, state: 'success' });
    expect(run!.tasks[0]!.earlier_attempts).toHaveLength(1);
  });

  it('prevents an archived run from being created again or run again', async () => {
    const request = { dagId: 'small', runId: 'run_1', logicalDate: null, conf: {}, triggeredBy: 'test' };
    await expect(triggerDag(lab.pool, request)).rejects.toThrow('already has a run "run_1"');
    const rerun = rerunTasks(lab.pool, 'small', 'run_1', { taskId: 't', downstream: false });
    await expect(rerun).rejects.toThrow("archived runs can't be run again");
  });

  it('does not wait for locks: it leaves a run that a pass has locked for later', async () => {
    await lab.finished('small', await lab.trigger('small'));
    const holder = await lab.pool.connect();
    await holder.query("begin; select from runbeat.dag_run where run_id = 'run_5' for update");
    expect(await archiveBatch(lab.pool, WEEK, 10)).toBe(0);
    await holder.query('rollback');
    holder.release();
    expect(await archiveBatch(lab.pool, WEEK, 10)).toBe(1);
  });

  it('is done by one process at a time', async () => {
    const [one, two] = [await lab.pool.connect(), await lab.pool.connect()];
    expect(await lockArchive(one)).toBe(true);
    expect(await archiveAll(two, { ageSeconds: WEEK, logAgeSeconds: null, batchSize: 3 })).toBeNull();
    await unlockArchive(one);
    one.release();
    two.release();
  });

  it('keeps the output of an archived run for the retention time, then deletes only that', async () => {
    const runs = (await lab.pool.query('select run_id from runbeat.dag_run_archive order by id')).rows;
    expect(await readLogs(lab.pool, { dagId: 'small', runId: runs[0].run_id }, 't', null)).not.toHaveLength(0);
    await lab.pool.query(
      "update runbeat.dag_run_archive set end_date = end_date - interval '60 days' where run_id = $1",
      [runs[0].run_id],
    );
    const { rows } = await lab.pool.query('select count(*)::int as count from runbeat.task_log');
    expect(await countExpiredLogs(lab.pool, 2 * MONTH)).toBe(1);
    expect(await deleteLogBatch(lab.pool, 2 * MONTH, 10)).toBe(1);
    expect(await readLogs(lab.pool, { dagId: 'small', runId: runs[0].run_id }, 't', null)).toHaveLength(0);
    expect(await readLogs(lab.pool, { dagId: 'small', runId: runs[1].run_id }, 't', null)).not.toHaveLength(0);
    expect((await lab.pool.query('select count(*)::int as count from runbeat.task_log')).rows[0].count).toBe(
      rows[0].count - 1,
    );
  });

  it('deletes what is no longer needed even if the scheduler never archives runs', async () => {
    await lab.pool.query(
      `insert into runbeat.job (job_type, state, hostname, end_date)
       values ('WorkerJob', 'success', 'gone', now() - interval '31 days'), ('WorkerJob', 'success', 'kept', now())`,
    );
    const before = await lab.pool.query("select id from runbeat.dag_run where state = 'success'");
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const logger = createLogger('test', 'silent');
    const told = new Promise((resolve) => (logger.info = resolve));
    const archiver = new Archiver(lab.config.databaseUrl, 0, 30, logger);
    archiver.start();
    vi.advanceTimersByTime(60_000);
    vi.useRealTimers();
    expect(await told).toMatchObject({ runs: 0, unused: 1 });
    await archiver.stop();
    const { rows } = await lab.pool.query("select hostname from runbeat.job where state = 'success'");
    expect(rows).toEqual([{ hostname: 'kept' }]);
    expect((await lab.pool.query("select id from runbeat.dag_run where state = 'success'")).rows).toEqual(before.rows);
  });
});
