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
