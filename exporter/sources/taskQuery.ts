import { us, type Dialect } from './dialect.ts';
import { rowsOf, type Client } from './query.ts';
import { addReschedules } from './reschedules.ts';
import type { RunRef } from './rows.ts';

/** Columns of TaskStateRow, PastTaskRow or TaskRow. */
export const TASK_COLUMNS = {
  state: (dialect: Dialect): string => `w.run, ${dialect.stateColumns}, ${us('t.updated_at')} as updated_us`,
  past: ({ stateColumns, pastColumns }: Dialect): string => `${stateColumns}, ${pastColumns}`,
  all: (dialect: Dialect): string => `${TASK_COLUMNS.state(dialect)}, ${dialect.pastColumns}, ${dialect.waitColumns}`,
};

/** As one of TASK_COLUMNS, with the trace. */
export function traced(columns: (dialect: Dialect) => string): (dialect: Dialect) => string {
  return (dialect) => `${columns(dialect)}, ${dialect.traceparentOf('t')} as traceparent`;
}

/** Task instances of runs ($1 ids, $2 dag_ids, $3 run_ids, pairwise). */
export function taskQuery(dialect: Dialect, columns: (dialect: Dialect) => string): string {
  return `select ${columns(dialect)}
    from unnest($1::bigint[], $2::text[], $3::text[]) as w(run, dag_id, run_id) join ${dialect.taskSource}`;
}

/** Reads task instances of runs. `condition` is added to the query, and may use further parameters from $4 on. */
export async function readTasks<Row extends object>(
  client: Client,
  dialect: Dialect,
  runs: readonly RunRef[],
  columns: (dialect: Dialect) => string,
  condition = '',
  parameters: readonly unknown[] = [],
): Promise<Row[]> {
  if (runs.length === 0) return [];
  const names = [runs.map((run) => run.id), runs.map((run) => run.dag_id), runs.map((run) => run.run_id)];
  const rows = await rowsOf<Row>(client, `${taskQuery(dialect, columns)} ${condition}`, [...names, ...parameters]);
  if (dialect.reschedulesQuery) await addReschedules(client, dialect.reschedulesQuery, rows);
  return rows;
}
