import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appendLog } from '../../scheduler/store/logs.ts';
import { deleteUnused } from '../../scheduler/store/retention.ts';
import { openLab, type Lab } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
  // Four versions of a DAG, each with its own code. All but the last were replaced two hours ago.
  await lab.pool.query(`
    insert into runbeat.dag (dag_id, fileloc) values ('d', 'd.ts');
    insert into runbeat.dag_bundle (bundle_hash, code, created_at)
    select 'code_' || n, '', now() - interval '3 hours' from generate_series(1, 4) as n;
    insert into runbeat.dag_version (dag_id, version_number, dag_hash, bundle_hash, data, created_at)
    select 'd', n, 'hash_' || n, 'code_' || n, '{"tasks": []}', now() - interval '2 hours' from generate_series(1, 4) as n;
    update runbeat.dag set current_version_id = (select id from runbeat.dag_version where version_number = 4);
    insert into runbeat.dag_run (dag_id, run_id, run_type, dag_version_id, state)
    select 'd', 'waiting', 'manual', id, 'queued' from runbeat.dag_version where version_number = 2;
    insert into runbeat.dag_run_archive (id, dag_id, run_id, run_type, state, dag_version_id, end_date)
    select 1000, 'd', 'archived', 'manual', 'success', id, now() from runbeat.dag_version where version_number = 3;
    insert into runbeat.job (job_type, state, hostname, end_date, latest_heartbeat) values
      ('WorkerJob', 'success', 'old', now() - interval '31 days', now() - interval '31 days'),
      ('WorkerJob', 'failed', 'recent', now() - interval '29 days', now() - interval '29 days'),
      ('WorkerJob', 'running', 'alive', null, now())`);
});
afterAll(() => lab.close());

const column = async (sql: string): Promise<unknown[]> =>
  (await lab.pool.query<{ value: unknown }>(sql)).rows.map(({ value }) => value);

describe('what is no longer needed', () => {
  it('is deleted: versions, code and processes, but nothing that a run or a page still needs', async () => {
    // Version 1 with its code, the code of version 3, which only an archived run has, and the old process.
    expect(await deleteUnused(lab.pool)).toBe(4);
    expect(await column('select version_number as value from runbeat.dag_version order by 1')).toEqual([2, 3, 4]);
    expect(await column('select bundle_hash as value from runbeat.dag_bundle order by 1')).toEqual([
      'code_2',
      'code_4',
    ]);
    expect(await column('select hostname as value from runbeat.job order by 1')).toEqual(['alive', 'recent']);
    expect(await deleteUnused(lab.pool)).toBe(0);
  });

  it('is deleted from the output of a task that prints for weeks: only the first and last parts are kept', async () => {
    const key = { dagRunId: 1, taskId: 't', mapIndex: -1, tryNumber: 1 };
    for (let part = 0; part < 205; part++) await appendLog(lab.pool, key, `part ${part}\n`, false);
    const parts = await column('select part as value from runbeat.task_log order by 1');
    expect(parts).toHaveLength(200);
    expect([parts[0], parts[99], parts[100], parts[199]]).toEqual([0, 99, 105, 204]);
    expect(await column('select truncated as value from runbeat.task_log where part = 204')).toEqual([true]);
  });
});
