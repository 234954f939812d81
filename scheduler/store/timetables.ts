import type pg from 'pg';
import { dueRuns } from '../core/timetable.ts';
import type { DagDefinition } from '../core/definition.ts';
import { createRuns, type NewRun } from './createRuns.ts';

/**
 * SQL condition: DAG `d` is due for another run and has room for one. A continuous DAG has no dates: it is always due, and only waits
 * for room.
 */
export const DAG_IS_DUE = `not d.is_paused and not d.is_stale and d.next_dagrun_create_after <= clock_timestamp()
  and (select count(*) from runbeat.dag_run r where r.dag_id = d.dag_id and r.state in ('queued', 'running')) < d.max_active_runs`;

interface DueDag {
  dag_id: string;
  data: DagDefinition;
  due: Date | null;
  active: number;
  now: Date;
}

/** The lane's DAGs that are due for a run. */
export async function dueDags(client: pg.ClientBase, lane: string): Promise<string[]> {
  const { rows } = await client.query<{ dag_id: string }>(
    `select d.dag_id from runbeat.dag d where d.lane = $1 and ${DAG_IS_DUE} order by d.dag_id`,
    [lane],
  );
  return rows.map((row) => row.dag_id);
}

/** Postpones the next run of a DAG, because it can't be created. */
export async function postponeDag(client: pg.ClientBase, dagId: string, seconds: number): Promise<void> {
  await client.query(
    "update runbeat.dag set next_dagrun_create_after = clock_timestamp() + $2 * interval '1 second' where dag_id = $1",
    [dagId, seconds],
  );
}

/**
 * Creates the due runs of the lane's DAGs in the caller's transaction and returns their number. `dagIds` limits it to some DAGs; null
 * means all.
 */
export async function createDueRuns(
  client: pg.ClientBase,
  lane: string,
  dagIds: readonly string[] | null = null,
): Promise<number> {
  const { rows } = await client.query<DueDag>(
    `select d.dag_id, v.data, d.next_dagrun_logical_date as due, clock_timestamp() as now,
            (select count(*)::int from runbeat.dag_run r where r.dag_id = d.dag_id and r.state in ('queued', 'running')) as active
       from runbeat.dag d join runbeat.dag_version v on v.id = d.current_version_id
      where d.lane = $1 and ($2::text[] is null or d.dag_id = any($2)) and ${DAG_IS_DUE}
        for update of d skip locked`,
    [lane, dagIds],
  );
  if (rows.length === 0) return 0;
  const plans = rows.map((dag) => ({ dag, ...planDag(dag) }));
  const dated = plans.filter(({ dag }) => dag.due !== null);
  await client.query(
    `update runbeat.dag d set next_dagrun_logical_date = n.next, next_dagrun_create_after = n.next
       from unnest($1::text[], $2::timestamptz[]) as n(dag_id, next) where d.dag_id = n.dag_id`,
    [dated.map(({ dag }) => dag.dag_id), dated.map(({ next }) => next)],
  );
  return (
    await createRuns(
      client,
      plans.flatMap(({ made }) => made),
    )
  ).length;
}

function planDag({ dag_id: dagId, data, due, active, now }: DueDag): { made: NewRun[]; next: Date | null } {
  if (due === null) return { made: [scheduledRun(dagId, now)], next: null };
  const { logicalDates, next } = dueRuns(data, due, now, data.max_active_runs - active);
  return { made: logicalDates.map((date) => scheduledRun(dagId, date)), next };
}

function scheduledRun(dagId: string, logicalDate: Date): NewRun {
  return {
    dagId,
    runId: `scheduled__${logicalDate.toISOString()}`,
    runType: 'scheduled',
    logicalDate,
    conf: {},
    triggeredBy: 'timetable',
  };
}
