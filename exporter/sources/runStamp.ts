import type { Dialect } from './dialect.ts';

/**
 * Returns a text that changes whenever a row of a run ($1 id, $2 dag_id, $3 run_id), of its task instances or of its earlier tries is
 * written. It uses the transaction id in each row, which costs a fraction of reading the rows.
 */
export function stampQuery({ runTable, taskSource, attemptsQuery }: Dialect): string {
  const attempts = attemptsQuery ? `(select count(*) from (${attemptsQuery}) as attempt)` : '0';
  return `select concat_ws(' ', (select r.xmin from ${runTable} r where r.id = $1), ${attempts}, count(*),
      sum(hashtextextended(t.xmin::text, hashtextextended(t.task_id, 0)))) as stamp
    from (select $1::bigint as run, $2::text as dag_id, $3::text as run_id) as w join ${taskSource}`;
}
