import type { Queryable } from './database.ts';

export interface AttemptKey {
  dagRunId: number;
  taskId: string;
  mapIndex: number;
  tryNumber: number;
}

/** Adds to what is kept of an attempt's output. */
export async function appendLog(db: Queryable, key: AttemptKey, text: string, truncated: boolean): Promise<void> {
  await db.query({
    name: 'log_append',
    text: `insert into runbeat.task_log as l (dag_run_id, task_id, map_index, try_number, content, truncated)
           values ($1, $2, $3, $4, $5, $6)
           on conflict (dag_run_id, task_id, map_index, try_number) do update
              set content = l.content || excluded.content, truncated = l.truncated or excluded.truncated, updated_at = now()`,
    // PostgreSQL's text takes no NUL.
    values: [key.dagRunId, key.taskId, key.mapIndex, key.tryNumber, text.replaceAll('\0', '\uFFFD'), truncated],
  });
}

/** Logs that may go: of archived runs that ended more than $1 seconds ago, and of runs that are in no table any more. */
const EXPIRED = `
  from runbeat.task_log l
 where not exists (select from runbeat.dag_run r where r.id = l.dag_run_id)
   and not exists (select from runbeat.dag_run_archive a
                    where a.id = l.dag_run_id and a.end_date >= clock_timestamp() - $1 * interval '1 second')`;

/** How many attempts' logs the next calls of `deleteLogBatch` would delete. */
export async function countExpiredLogs(db: Queryable, ageSeconds: number): Promise<number> {
  const { rows } = await db.query<{ count: number }>(`select count(*)::int as count ${EXPIRED}`, [ageSeconds]);
  return rows[0]!.count;
}

/** Deletes the logs of up to `limit` attempts in one short statement, and answers of how many. */
export async function deleteLogBatch(db: Queryable, ageSeconds: number, limit: number): Promise<number> {
  const { rowCount } = (await db.query({
    name: 'log_expire',
    text: `delete from runbeat.task_log l
            using (select l.dag_run_id, l.task_id, l.map_index, l.try_number ${EXPIRED} limit $2) as old
            where l.dag_run_id = old.dag_run_id and l.task_id = old.task_id and l.map_index = old.map_index
              and l.try_number = old.try_number`,
    values: [ageSeconds, limit],
  })) as { rowCount: number };
  return rowCount;
}
