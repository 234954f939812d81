import { stringifyJson } from '../../platform/json.ts';
import type { RunType } from '../../shared/states.ts';
import type { Queryable } from './database.ts';

export interface NewRun {
  dagId: string;
  runId: string;
  runType: Extract<RunType, 'manual' | 'scheduled' | 'backfill'>;
  logicalDate: Date | null;
  conf: Record<string, unknown>;
  triggeredBy: string;
}

/**
 * Creates queued runs of the DAGs' current versions, and notifies their lanes. A run that already exists, even in the archive, is not
 * created again. Returns the runs that were created.
 */
export async function createRuns(db: Queryable, runs: readonly NewRun[]): Promise<{ id: number; run_id: string }[]> {
  if (runs.length === 0) return [];
  const { rows } = await db.query<{ made: { id: number; run_id: string }[] | null }>({
    name: 'runs_create',
    text: CREATE,
    values: [
      runs.map((run) => run.dagId),
      runs.map((run) => run.runId),
      runs.map((run) => run.runType),
      runs.map((run) => run.logicalDate),
      runs.map((run) => stringifyJson(run.conf)),
      runs.map((run) => run.triggeredBy),
    ],
  });
  return rows[0]?.made ?? [];
}

const CREATE = `
with made as (
  insert into runbeat.dag_run (dag_id, run_id, run_type, lane, logical_date, conf, dag_version_id, triggered_by)
  select d.dag_id, n.run_id, n.run_type, d.lane, n.logical_date,
         coalesce(v.data->'params', '{}') || n.conf::jsonb, v.id, n.triggered_by
    from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::text[]) with ordinality
         as n(dag_id, run_id, run_type, logical_date, conf, triggered_by, position)
    join runbeat.dag d using (dag_id)
    join runbeat.dag_version v on v.id = d.current_version_id
   where not exists (select from runbeat.dag_run_archive a where a.dag_id = n.dag_id and a.run_id = n.run_id)
   order by n.position
  on conflict do nothing
  returning id, run_id, lane
), woken as (
  select pg_notify('runbeat:' || lane, 'queued') from (select distinct lane from made) as lanes
)
select (select count(*) from woken), json_agg(json_build_object('id', id, 'run_id', run_id) order by id) as made from made`;

export async function dagExists(db: Queryable, dagId: string): Promise<boolean> {
  const { rows } = await db.query('select from runbeat.dag where dag_id = $1 and current_version_id is not null', [
    dagId,
  ]);
  return rows.length > 0;
}
