import type pg from 'pg';
import type { RunDetail, TaskInstance } from '../../shared/api.ts';
import { groupUpstreams } from '../../src/data/upstreamEnds.ts';

/**
 * The rows of a run as a scheduler would have left them, for runs that would take too long in a test. One statement,
 * so that an exporter that polls meanwhile never sees the run without its tasks.
 */
export async function insertRun(pool: pg.Pool, { run, tasks, edges }: RunDetail): Promise<void> {
  const version = await insertDag(pool, run.dag_id, tasks, edges);
  await pool.query(
    `with run as (
       insert into runbeat.dag_run (dag_id, run_id, run_type, state, conf, queued_at, start_date, end_date, logical_date, dag_version_id)
       values ($1, $2, $3, $4, $5, coalesce($6, now()), $7, $8, $9, $10) returning id, dag_id, run_id
     )
     insert into runbeat.task_instance (dag_run_id, dag_id, run_id, task_id, map_index, state, try_number, operator,
       scheduled_dttm, queued_dttm, start_date, end_date, hostname, worker_job_id)
     select run.id, run.dag_id, run.run_id, t.task_id, t.map_index, t.state, t.try_number, 'function',
       t.scheduled_at, t.queued_at, t.start_date, t.end_date, t.hostname, 1
     from run, jsonb_to_recordset($11) as t(task_id text, map_index integer, state text, try_number integer,
       scheduled_at timestamptz, queued_at timestamptz, start_date timestamptz, end_date timestamptz, hostname text)`,
    [
      ...[run.dag_id, run.run_id, run.run_type, run.state, run.conf ?? {}],
      ...[run.queued_at, run.start_date, run.end_date, run.logical_date, version, JSON.stringify(tasks)],
    ],
  );
}

/**
 * A day of a busy site: runs of many DAGs, of three tasks each, spread over the last 24 hours. One in 50 has failed, and the
 * newest of every tenth DAG still runs.
 */
export async function insertDay(pool: pg.Pool, dags: number, runs: number): Promise<void> {
  const chain = ['extract', 'transform', 'load'];
  const tasks = chain.map((task_id) => taskOf(task_id, { state: 'success' }));
  const edges = [1, 2].map((at) => ({ upstream_task_id: chain[at - 1]!, downstream_task_id: chain[at]! }));
  const versions: string[] = [];
  for (let at = 0; at < dags; at++) versions.push(await insertDag(pool, dagName(at), tasks, edges));
  await pool.query(
    `with day as (
       select n, 'flow_' || lpad((n % $1)::text, 3, '0') as dag_id, ($3::bigint[])[n % $1 + 1] as version,
              now() - interval '1 day' * n / $2 as start,
              case when n < $1 and n % 10 = 0 then 'running' when n % 50 = 7 then 'failed' else 'success' end as state
         from generate_series(0, $2::int - 1) as n
     ), run as (
       insert into runbeat.dag_run (dag_id, run_id, run_type, state, conf, queued_at, start_date, end_date, logical_date, dag_version_id)
       select dag_id, 'run_' || n, 'manual', state, jsonb_build_object('user_id', n % 500), start, start,
              case when state <> 'running' then start + interval '1 second' * (3 + n % 40) end, start, version
         from day returning id, dag_id, run_id, state, start_date, end_date
     )
     insert into runbeat.task_instance (dag_run_id, dag_id, run_id, task_id, map_index, state, try_number, operator,
       scheduled_dttm, queued_dttm, start_date, end_date, hostname, worker_job_id)
     select id, dag_id, run_id, task_id, -1,
            case when run.state = 'failed' and place = 3 then 'failed' when run.state = 'running' and place = 3 then 'running' else 'success' end,
            1, 'function', begun, begun, begun, case when run.state <> 'running' or place < 3 then begun + interval '900 ms' end, 'host', 1
       from run, unnest($4::text[]) with ordinality as task (task_id, place),
            lateral (select start_date + interval '1 second' * (place - 1) as begun) as stamp`,
    [dags, runs, versions, chain],
  );
}

export function dagName(at: number): string {
  return `flow_${String(at).padStart(3, '0')}`;
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
    ...{ task_id, map_index: -1, state: null, try_number: 1, max_tries: 0, external: null, earlier_attempts: [] },
    ...{ scheduled_at: null, queued_at: null, start_date: null, end_date: null, duration_seconds: null },
    ...{ operator: 'function', task_group: null, trigger_rule: 'all_success', hostname: null },
    ...{ pool: 'default_pool', queue: 'default', waiting: null, usual: null, expected_end: null, trace_id: null },
    ...part,
  };
}
