import { us, type Dialect } from './dialect.ts';

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
