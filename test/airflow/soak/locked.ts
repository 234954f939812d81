import type { Airflow } from '../lab/airflow.ts';

/**
 * The transaction that last locked a run, or the DAG of a run that is not made yet, if it is still open: since when, in milliseconds
 * since 1970.
 */
const LOCKED = `
  select (extract(epoch from a.xact_start) * 1000)::float8 as since
    from (select xmax from dag_run where dag_id = $1 and run_id = $2
          union all select xmax from dag where dag_id = $1 and $2::text is null) as held
    join pg_locks l on l.locktype = 'transactionid' and l.transactionid = held.xmax and l.granted
    join pg_stat_activity a on a.pid = l.pid`;
/** What the exporter says is as old as its last poll, in which something may have been locked that is free now. */
const LATE_MS = 5_000;

/**
 * Since when runs and DAGs have been locked; schedulers skip both. A scheduler locks the runs that it examines for one pass. One that
 * is killed alone leaves workers behind, which keep its connection and so its locks. The DAG processor locks the DAGs of a file while
 * it stores them, which takes seconds on a machine with too little CPU.
 */
export class Locks {
  private last: { work: string; since: number; seen: number } | null = null;

  constructor(private readonly query: Airflow['query']) {}

  /** Null for work that is not locked. A run_id of null stands for the next run of the DAG. */
  async since({ dag_id, run_id }: { dag_id: string; run_id: string | null }): Promise<number | null> {
    const [lock] = await this.query<{ since: number }>(LOCKED, [dag_id, run_id]);
    const work = `${dag_id} ${run_id}`;
    if (lock) this.last = { work, since: lock.since, seen: performance.now() };
    const { last } = this;
    return last?.work === work && performance.now() - last.seen < LATE_MS ? last.since : null;
  }
}
