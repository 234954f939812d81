import type pg from 'pg';
import type { Micros } from '../sources/rows.ts';

/** Durations of one task in the last successful runs of a DAG; an empty task_id means the whole run. */
export interface RingRow {
  dag_id: string;
  task_id: string;
  running_us: readonly Micros[];
  waiting_us: readonly Micros[];
}

const READ = `select u.dag_id, u.task_id, u.running_us, u.waiting_us from usual_duration u
  where u.source_id = (select id from source where name = $1)`;

export async function loadRunRings(pool: pg.Pool, source: string): Promise<RingRow[]> {
  return (await pool.query<RingRow>(`${READ} and u.task_id = ''`, [source])).rows;
}

export async function loadTaskRings(pool: pg.Pool, source: string, dagIds: readonly string[]): Promise<RingRow[]> {
  if (dagIds.length === 0) return [];
  return (await pool.query<RingRow>(`${READ} and u.dag_id = any($2)`, [source, dagIds])).rows;
}

/** Replaces all rings of the given DAGs. */
export async function saveRings(client: pg.PoolClient, sourceId: number, rows: readonly RingRow[]): Promise<void> {
  if (rows.length > 0) await client.query(REPLACE, [sourceId, JSON.stringify(rows)]);
}

const REPLACE = `with given as materialized (select * from json_to_recordset($2)
      as g(dag_id text, task_id text, running_us bigint[], waiting_us bigint[])),
    gone as (delete from usual_duration u where u.source_id = $1 and u.dag_id in (select dag_id from given)
      and not exists (select from given g where g.dag_id = u.dag_id and g.task_id = u.task_id))
  insert into usual_duration (source_id, dag_id, task_id, running_us, waiting_us)
  select $1, dag_id, task_id, running_us, waiting_us from given
  on conflict (source_id, dag_id, task_id) do update set running_us = excluded.running_us, waiting_us = excluded.waiting_us`;
