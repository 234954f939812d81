import type { Queryable } from './database.ts';

export interface AttemptKey {
  dagRunId: number;
  taskId: string;
  mapIndex: number;
  tryNumber: number;
}

/** Number of parts of a try's output to keep, at the beginning and at the end. A sensor that pokes for weeks adds a part per poke. */
const FIRST_PARTS = 100;
const LAST_PARTS = 100;

/** Adds a part to the output of a try. If there are too many, drops parts from the middle. */
export async function appendLog(db: Queryable, key: AttemptKey, text: string, truncated: boolean): Promise<void> {
  await db.query({
    name: 'log_append',
    text: `with next as materialized (
             select coalesce(max(part) + 1, 0) as part from runbeat.task_log
              where dag_run_id = $1 and task_id = $2 and map_index = $3 and try_number = $4
           ), dropped as (
             delete from runbeat.task_log l using next
              where l.dag_run_id = $1 and l.task_id = $2 and l.map_index = $3 and l.try_number = $4
                and l.part = next.part - ${LAST_PARTS} and l.part >= ${FIRST_PARTS}
             returning l.part
           )
           insert into runbeat.task_log (dag_run_id, task_id, map_index, try_number, part, content, truncated)
           select $1, $2, $3, $4, part, $5, $6 or exists (select from dropped) from next`,
    // PostgreSQL's type text can't contain NUL.
    values: [key.dagRunId, key.taskId, key.mapIndex, key.tryNumber, text.replaceAll('\0', '\uFFFD'), truncated],
  });
}

/**
 * Tries whose logs may be deleted: of archived runs that ended more than $1 seconds ago, and of runs that are no longer in any table.
 * Every try with output has a first part.
 */
const EXPIRED = `
  from runbeat.task_log l
 where l.part = 0
   and not exists (select from runbeat.dag_run r where r.id = l.dag_run_id)
   and not exists (select from runbeat.dag_run_archive a
                    where a.id = l.dag_run_id and a.end_date >= clock_timestamp() - $1 * interval '1 second')`;

/** The number of tries whose logs the next calls of `deleteLogBatch` would delete. */
export async function countExpiredLogs(db: Queryable, ageSeconds: number): Promise<number> {
  const { rows } = await db.query<{ count: number }>(`select count(*)::int as count ${EXPIRED}`, [ageSeconds]);
  return rows[0]!.count;
}

/** Deletes the logs of up to `limit` tries in one short statement, and returns the number of tries. */
export async function deleteLogBatch(db: Queryable, ageSeconds: number, limit: number): Promise<number> {
  const { rows } = await db.query<{ attempts: number }>({
    name: 'log_expire',
    text: `with old as materialized (select l.dag_run_id, l.task_id, l.map_index, l.try_number ${EXPIRED} limit $2),
           gone as (
             delete from runbeat.task_log l using old
              where l.dag_run_id = old.dag_run_id and l.task_id = old.task_id and l.map_index = old.map_index
                and l.try_number = old.try_number)
           select count(*)::int as attempts from old`,
    values: [ageSeconds, limit],
  });
  return rows[0]!.attempts;
}
