import type { Airflow } from '../lab/airflow.ts';

/** The transaction that locked a run last, if it is still open: since when, in milliseconds since 1970. */
const LOCKED = `
  select (extract(epoch from a.xact_start) * 1000)::float8 as since
    from dag_run r join pg_locks l on l.locktype = 'transactionid' and l.transactionid = r.xmax and l.granted
    join pg_stat_activity a on a.pid = l.pid
   where r.dag_id = $1 and r.run_id = $2`;
/** What the exporter says is as old as its last poll, in which a run may have been locked that is free now. */
const LATE_MS = 5_000;

/**
 * Since when runs have been locked. A scheduler locks the runs that it examines for one pass. One that is killed alone leaves
 * workers behind, which keep its connection and so its locks.
 */
export class Locks {
  private last: { run: string; since: number; seen: number } | null = null;

  constructor(private readonly query: Airflow['query']) {}

  /** Null for a run that is not locked. */
  async since({ dag_id, run_id }: { dag_id: string; run_id: string | null }): Promise<number | null> {
    const [lock] = await this.query<{ since: number }>(LOCKED, [dag_id, run_id]);
    const run = `${dag_id} ${run_id}`;
    if (lock) this.last = { run, since: lock.since, seen: performance.now() };
    const { last } = this;
    return last?.run === run && performance.now() - last.seen < LATE_MS ? last.since : null;
  }
}
