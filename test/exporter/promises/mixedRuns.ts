import type pg from 'pg';

/** DAGs by the kind of their promise. The last one has no runs at times. */
export const DAGS = ['flow', 'alpha', 'beta', 'basis', 'rare'] as const;

/** A log of all ends, as the source wrote them. The oracle adds them up. */
const LOG = `create schema oracle;
  create table oracle.ended (id bigint, dag_id text, run_type text, is_first boolean, due timestamptz, queued timestamptz,
    started timestamptz, task_started timestamptz, ended timestamptz, state text)`;

/** SQL that logs the ends that the same statement has written. */
const logged = (from: string, isFirst: string): string =>
  `insert into oracle.ended select e.id, e.dag_id, e.run_type, ${isFirst}, e.logical_date, e.queued_at, e.start_date,
     (select min(t.start_date) from runbeat.task_instance t where t.dag_run_id = e.id), e.end_date, e.state from ${from} e`;

/**
 * Runs of all kinds that promises distinguish, as a live source would write them: what ends in a batch has ended since the
 * batch before. Durations are up to two minutes, and a first task starts up to a minute after it was due.
 */
export class MixedRuns {
  private made = 0;
  private batches = 0;

  constructor(private readonly pool: pg.Pool) {}

  prepare(): Promise<unknown> {
    return this.pool.query(LOG);
  }

  /** `since`: the source's clock after the last poll, so that no poll has read beyond what is written now. */
  async batch(count: number, since: Date): Promise<void> {
    await this.endLasting(since);
    await this.touchSeen(since);
    await this.insert(count, since);
    this.made += count;
    this.batches += 1;
  }

  /** Ends the runs that the batch before left running, some of them for the second time. */
  endLasting(since: Date): Promise<unknown> {
    return this.pool.query(
      `with over as (update runbeat.dag_run set state = case when id % 3 = 0 then 'failed' else 'success' end,
          end_date = greatest(start_date, $1::timestamptz) + random() * (clock_timestamp() - greatest(start_date, $1::timestamptz))
        where state = 'running' returning *)
       ${logged('over', 'e.clear_number = 0')}`,
      [since],
    );
  }

  /** Of the runs of the batch before whose end the last poll has seen, clears some, changes the end of some and deletes some. */
  private async touchSeen(since: Date): Promise<void> {
    const recent = `state in ('success', 'failed') and run_id like 'run ${this.batches - 1} %' and end_date <= $1`;
    await this.pool.query(
      `update runbeat.dag_run set state = 'running', end_date = null, clear_number = clear_number + 1 where ${recent} and id % 101 = 0`,
      [since],
    );
    await this.pool.query(
      `update runbeat.dag_run set end_date = end_date + interval '1 s' where ${recent} and id % 101 = 1`,
      [since],
    );
    await this.pool.query(`delete from runbeat.dag_run where ${recent} and id % 101 = 2`, [since]);
  }

  private async insert(count: number, since: Date): Promise<void> {
    const dags = this.batches % 20 < 8 ? DAGS : DAGS.slice(0, -1);
    await this.pool.query(
      `with moment as (select clock_timestamp() as now),
       planned as (select n, v.dag_id, v.id as version, n % 23 = 0 as lasts, (random() * 120) * interval '1 s' as took,
           (random() * 60) * interval '1 s' as late, $1::timestamptz + (m.now - $1::timestamptz) * ((n - $2::int + 1) / $3::float8) as ended, m.now
         from generate_series($2::int, $2::int + $3::int - 1) n cross join moment m
         join runbeat.dag_version v on v.dag_id = ($4::text[])[n % cardinality($4::text[]) + 1]),
       made as (insert into runbeat.dag_run (dag_id, run_id, run_type, logical_date, state, conf, clear_number, queued_at, start_date, end_date, dag_version_id)
         select dag_id, 'run ' || $5::int || ' ' || n, case when n % 17 = 0 then 'backfill' when n % 4 < 2 then 'scheduled' else 'manual' end,
           case when n % 17 > 0 and n % 4 < 2 then date_trunc('second', ended - took - late) + n % 1000000 * interval '1 us' end,
           case when lasts then 'running' when n % 5 = 0 then 'failed' else 'success' end, '{}', case when n % 11 = 0 then 1 else 0 end,
           ended - took - late * 0.9, ended - took, case when not lasts then ended end, version
         from planned returning *),
       begun as (insert into runbeat.task_instance (dag_run_id, dag_id, run_id, task_id, operator, state, try_number, start_date, end_date)
         select id, dag_id, run_id, 'first', 'function', 'success', 1, start_date, coalesce(end_date, start_date) from made returning dag_run_id)
       select count(*) from begun`,
      [since, this.made, count, dags, this.batches],
    );
    await this.pool.query(
      `with over as (select r.* from runbeat.dag_run r where r.run_id like 'run ${this.batches} %' and r.end_date is not null)
       ${logged('over', 'e.clear_number = 0')}`,
    );
  }
}

/** Limit between two successes of a DAG, in seconds. */
export const FRESH_SECONDS = 2;

/**
 * Follows docs/promises.md, not the exporter's code. `$1`: when the DAGs were first seen;
 * `$2`: until when the exporter has read.
 */
export const ORACLE = `with judged as (select * from oracle.ended where is_first and run_type <> 'backfill'),
  success as (select dag_id, ended, ended - coalesce(lag(ended) over (order by ended), $1::timestamptz) as gap
    from (select dag_id, ended from oracle.ended where dag_id = 'rare' and state = 'success' and run_type <> 'backfill') s),
  verdict as (
    select 'quick' as promise, dag_id, ended - started <= interval '1 min' as kept from judged
    union all select 'starts', dag_id, task_started - case when run_type = 'scheduled' and due >= $1 then due else queued end <= interval '30 s'
      from judged where dag_id like 'b%'
    union all select 'fresh', dag_id, gap <= interval '${FRESH_SECONDS} s' from success
    union all select 'fresh', 'rare', false from success having $2::timestamptz - max(ended) > interval '${FRESH_SECONDS} s')
  select promise || ',' || dag_id || ',' || case when kept then 'kept' else 'broken' end as labels, count(*)::int as count
  from verdict group by 1 order by 1`;
