import type { Airflow } from '../lab/airflow.ts';
import type { Held } from './judge.ts';

/**
 * Runs, and DAGs (run_id null), that an open transaction has locked: when it began, and the time now, in milliseconds since 1970.
 * Schedulers skip both.
 */
const LOCKED = `
  select held.dag_id, held.run_id, (extract(epoch from a.xact_start) * 1000)::float8 as since,
         (extract(epoch from clock_timestamp()) * 1000)::float8 as now
    from (select dag_id, run_id, xmax from dag_run where state in ('queued', 'running')
          union all select dag_id, null, xmax from dag) as held
    join pg_locks l on l.locktype = 'transactionid' and l.transactionid = held.xmax and l.granted
    join pg_stat_activity a on a.pid = l.pid`;
/** How long locks are remembered after they have ended. */
const KEPT_MS = 120_000;

interface Locked {
  dag_id: string;
  run_id: string | null;
}

/**
 * Records when runs and DAGs were locked. A scheduler locks the runs that it examines for one pass. If it is killed, its workers keep
 * its connection, and so its locks. The DAG processor locks the DAGs of a file while it stores them, which takes seconds on an
 * overloaded machine.
 */
export class Locks {
  private readonly seen = new Map<string, Held[]>();

  constructor(private readonly query: Airflow['query']) {}

  /** Looks for locks. Misses locks that are held only between two calls. */
  async look(): Promise<void> {
    const rows = await this.query<Locked & { since: number; now: number }>(LOCKED, []);
    for (const { since, now, ...work } of rows) {
      const held = (this.seen.get(keyOf(work)) ?? []).filter(({ from, to }) => from !== since && to > now - KEPT_MS);
      this.seen.set(keyOf(work), [...held, { from: since, to: now }]);
    }
  }

  /** The periods in which a run, or the DAG of a run that has not been created yet (run_id null), is known to have been locked. */
  of(work: Locked): readonly Held[] {
    return this.seen.get(keyOf(work)) ?? [];
  }
}

const keyOf = ({ dag_id, run_id }: Locked): string => `${dag_id} ${run_id ?? ''}`;
