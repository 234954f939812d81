import type pg from 'pg';
import type { RunDetail, TaskInstance } from '../../shared/api.ts';
import { groupUpstreams } from '../../src/data/upstreamEnds.ts';

/** The rows of a run as a scheduler would have left them, for runs that no scheduler gets to in a test's time. */
export async function insertRun(pool: pg.Pool, { run, tasks, edges }: RunDetail): Promise<void> {
  const version = await insertDag(pool, run.dag_id, tasks, edges);
  const { rows } = await pool.query<{ id: string }>(
    `insert into runbeat.dag_run (dag_id, run_id, run_type, state, conf, queued_at, start_date, end_date, logical_date, dag_version_id)
     values ($1, $2, $3, $4, $5, coalesce($6, now()), $7, $8, $9, $10) returning id`,
    [
      ...[run.dag_id, run.run_id, run.run_type, run.state, run.conf ?? {}],
      ...[run.queued_at, run.start_date, run.end_date, run.logical_date, version],
    ],
  );
  await pool.query(
    `insert into runbeat.task_instance (dag_run_id, dag_id, run_id, task_id, map_index, state, try_number, operator,
       scheduled_dttm, queued_dttm, start_date, end_date, hostname, worker_job_id)
     select $1, $2, $3, t.task_id, t.map_index, t.state, t.try_number, 'function',
       t.scheduled_at, t.queued_at, t.start_date, t.end_date, t.hostname, 1
     from jsonb_to_recordset($4) as t(task_id text, map_index integer, state text, try_number integer,
       scheduled_at timestamptz, queued_at timestamptz, start_date timestamptz, end_date timestamptz, hostname text)`,
    [rows[0]!.id, run.dag_id, run.run_id, JSON.stringify(tasks)],
  );
}

async function insertDag(
  pool: pg.Pool,
  dagId: string,
  tasks: RunDetail['tasks'],
  edges: RunDetail['edges'],
): Promise<string> {
  const groups = new Map(tasks.map((task) => [task.task_id, task.task_group]));
  const upstreams = groupUpstreams(edges);
  const serialized = [...groups].map(([task_id, task_group]) => ({
    ...{ task_id, task_group, kind: 'function', trigger_rule: 'all_success' },
    upstream_task_ids: upstreams.get(task_id) ?? [],
  }));
  await pool.query(`insert into runbeat.dag_bundle (bundle_hash, code) values ('x', '') on conflict do nothing`);
  await pool.query(`insert into runbeat.dag (dag_id, fileloc) values ($1, 'x') on conflict do nothing`, [dagId]);
  const { rows } = await pool.query<{ id: string }>(
    `insert into runbeat.dag_version (dag_id, version_number, dag_hash, bundle_hash, data)
     select $1, 1 + count(*), 'x', 'x', $2 from runbeat.dag_version where dag_id = $1 returning id`,
    [dagId, { dag_id: dagId, tasks: serialized }],
  );
  return rows[0]!.id;
}

/** One task instance that has left no stamp yet. */
export function taskOf(task_id: string, part: Partial<TaskInstance> = {}): TaskInstance {
  return {
    ...{ task_id, map_index: -1, state: null, try_number: 1, max_tries: 0, earlier_attempts: [] },
    ...{ scheduled_at: null, queued_at: null, start_date: null, end_date: null, duration_seconds: null },
    ...{ operator: 'function', task_group: null, trigger_rule: 'all_success', hostname: null },
    ...{ pool: 'default_pool', queue: 'default' },
    ...part,
  };
}
