import type { Dialect } from './dialect.ts';

/**
 * A text that changes whenever a row of a run ($1 id, $2 dag_id, $3 run_id), of its task instances or of its earlier attempts
 * is written, as rows carry the transaction that wrote them. It costs a fraction of reading them.
 */
export function stampQuery({ runTable, taskSource, attemptsQuery }: Dialect): string {
  const attempts = attemptsQuery ? `(select count(*) from (${attemptsQuery}) as attempt)` : '0';
  return `select concat_ws(' ', (select r.xmin from ${runTable} r where r.id = $1), ${attempts}, count(*),
      sum(hashtextextended(concat_ws(' ', t.task_id, t.xmin), 0))) as stamp
    from (select $1::bigint as run, $2::text as dag_id, $3::text as run_id) as w join ${taskSource}`;
}
