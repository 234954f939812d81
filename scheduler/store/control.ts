import type { Queryable } from './database.ts';

/** SQL for changes to DAGs and runs by people (../control.ts). */

/** Null if there is no such DAG. */
export async function isDagPaused(db: Queryable, dagId: string): Promise<boolean | null> {
  const { rows } = await db.query<{ is_paused: boolean }>('select is_paused from runbeat.dag where dag_id = $1', [
    dagId,
  ]);
  return rows[0]?.is_paused ?? null;
}

/** Returns the DAG's lane; null if there is no such DAG. */
export async function writePaused(db: Queryable, dagId: string, isPaused: boolean): Promise<string | null> {
  const { rows } = await db.query<{ lane: string }>(
    'update runbeat.dag set is_paused = $2, updated_at = now() where dag_id = $1 returning lane',
    [dagId, isPaused],
  );
  return rows[0]?.lane ?? null;
}

/** The first `limit` DAGs by name. */
export async function someDagIds(db: Queryable, limit: number): Promise<string[]> {
  const { rows } = await db.query<{ dag_id: string }>(
    'select dag_id from runbeat.dag where not is_stale order by dag_id limit $1',
    [limit],
  );
  return rows.map((row) => row.dag_id);
}

export async function isArchived(db: Queryable, dagId: string, runId: string): Promise<boolean> {
  const { rows } = await db.query('select from runbeat.dag_run_archive where dag_id = $1 and run_id = $2', [
    dagId,
    runId,
  ]);
  return rows.length > 0;
}

/** Whether this database has the scheduler's tables. */
export async function hasSchedulerTables(db: Queryable): Promise<boolean> {
  const { rows } = await db.query<{ there: boolean }>("select to_regclass('runbeat.dag_run') is not null as there");
  return rows[0]!.there;
}
