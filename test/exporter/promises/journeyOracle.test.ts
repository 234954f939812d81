import { afterAll, beforeAll, expect, it } from 'vitest';
import { openRunbeatWorld, type RunbeatWorld } from '../runbeatWorld.ts';
import type { TestExporter } from '../world.ts';

/** RUNBEAT_ORACLE_RUNS=1000000 is the full size. */
const RUNS = Number(process.env.RUNBEAT_ORACLE_RUNS ?? 4_000);
const BATCHES = 25;
const LIMIT = 30;
const PROMISE = {
  name: 'decided',
  journey: { key: 'user', from: { dag_id: 'arrive_*' }, to: 'decide_*' },
  ends_within: `${LIMIT}s`,
  share: '90%',
};
const DAGS = ['arrive_web', 'arrive_post', 'decide_soon', 'decide_late'];

let world: RunbeatWorld;
let exporter: TestExporter;

const start = (): Promise<TestExporter> => world.start({ promises: [PROMISE], keys: 'user=conf.user' });

beforeAll(async () => {
  world = await openRunbeatWorld();
  for (const dag of DAGS) await world.addDag(dag);
  await world.source.pool.query(`create schema oracle;
    create table oracle.arrival (id bigint, value text, at timestamptz);
    create table oracle.decision (id bigint, dag_id text, value text, ended timestamptz);
    create index on oracle.decision (value, dag_id)`);
  exporter = await start();
  await exporter.settle();
});
afterAll(() => world.close());

/**
 * Writes runs of all four DAGs, with few users, so that values repeat. The runs that have ended did so after the last poll:
 * `since` is the source's clock after that poll.
 */
async function batch(number: number, since: Date): Promise<void> {
  const count = Math.ceil(RUNS / BATCHES);
  await world.source.pool.query(
    `with moment as (select clock_timestamp() as now),
     planned as (select n, v.dag_id, v.id as version, n % 13 = 0 as lasts, (random() * 55) * interval '1 s' as took, now,
         $1::timestamptz + (now - $1::timestamptz) * (n / $2::float8) as ended, floor(random() * $2 / 4) as one, n % 29 as other
       from generate_series(1, $2::int) n cross join moment join runbeat.dag_version v on v.dag_id = ($4::text[])[n % 4 + 1]),
     made as (insert into runbeat.dag_run (dag_id, run_id, run_type, state, conf, clear_number, queued_at, start_date, end_date, dag_version_id)
       select dag_id, 'run ' || $3::int || ' ' || n, case when n % 17 = 0 then 'backfill' else 'manual' end,
         case when lasts then 'running' when n % 7 = 0 then 'failed' else 'success' end,
         case when n % 19 = 0 then '{}' when n % 5 = 0 then jsonb_build_object('user', jsonb_build_array(one, other))
           else jsonb_build_object('user', one) end,
         case when n % 23 = 0 then 1 else 0 end, ended - took, ended - took, case when not lasts then ended end, version
       from planned order by n returning *),
     valued as (select m.*, v.value from made m cross join lateral (
       select distinct jsonb_array_elements_text(case jsonb_typeof(m.conf -> 'user') when 'array' then m.conf -> 'user'
         else jsonb_build_array(m.conf -> 'user') end) as value) v where m.conf ? 'user'),
     arrived as (insert into oracle.arrival select id, value, queued_at from valued
       where dag_id like 'arrive%' and run_type <> 'backfill' and clear_number = 0)
     insert into oracle.decision select id, dag_id, value, end_date from valued
       where dag_id like 'decide%' and state = 'success'`,
    [since, count, number, DAGS],
  );
}

/** Ends running runs, some for the second time. Clears runs whose end a poll has seen, and deletes runs that it has seen. */
async function goOn(number: number, since: Date): Promise<void> {
  await world.source.pool.query(
    `with over as (update runbeat.dag_run set state = 'success',
         end_date = greatest(start_date, $1::timestamptz) + random() * (clock_timestamp() - greatest(start_date, $1::timestamptz))
       where state = 'running' returning *)
     insert into oracle.decision select o.id, o.dag_id, v.value, o.end_date from over o cross join lateral (
       select distinct jsonb_array_elements_text(case jsonb_typeof(o.conf -> 'user') when 'array' then o.conf -> 'user'
         else jsonb_build_array(o.conf -> 'user') end) as value) v where o.dag_id like 'decide%' and o.conf ? 'user'`,
    [since],
  );
  const seen = `state in ('success', 'failed') and run_id like 'run ${number - 1} %' and end_date <= $1`;
  await world.source.pool.query(
    `update runbeat.dag_run set state = 'running', end_date = null, clear_number = clear_number + 1 where ${seen} and id % 31 = 0`,
    [since],
  );
  await world.source.pool.query(`delete from runbeat.dag_run where ${seen} and id % 31 = 1`, [since]);
}

/** Follows docs/promises.md, not the exporter's code. `$1`: until when the exporter has read. */
const ORACLE = `with best as (
    select a.at, d.dag_id, (select min(e.ended) from oracle.decision e
      where e.dag_id = d.dag_id and e.value = a.value and e.id >= a.id) as ended
    from oracle.arrival a cross join (values ('decide_soon'), ('decide_late')) as d(dag_id)),
  verdict as (select dag_id, coalesce(ended <= at + interval '${LIMIT} s', false) as kept from best
    where ended is not null or $1::timestamptz > at + interval '${LIMIT} s')
  select dag_id || ',' || case when kept then 'kept' else 'broken' end as labels, count(*)::int as count
  from verdict group by 1 order by 1`;

async function sourceClock(): Promise<Date> {
  return (await world.source.pool.query<{ now: Date }>('select clock_timestamp() as now')).rows[0]!.now;
}

it(
  'verdicts on journeys equal plain SQL over runs of every kind, through restarts',
  async () => {
    for (let number = 0; number < BATCHES; number++) {
      const since = await sourceClock();
      await goOn(number, since);
      await batch(number, since);
      if (number % 5 === 2) {
        await exporter.close();
        exporter = await start();
      }
      while (await exporter.observer.poll());
    }
    await goOn(BATCHES, await sourceClock());
    await exporter.settle();
    const { rows } = await exporter.indexPool.query(
      `select labels[1] || ',' || labels[3] as labels, count::int as count from series
       where metric = 'runbeat_promise_runs_total' and count > 0 order by 1`,
    );
    const { rows: read } = await exporter.indexPool.query<{ read: Date }>(
      `select 'epoch'::timestamptz + read_until_us * interval '1 us' as read from source`,
    );
    const { rows: expected } = await world.source.pool.query(ORACLE, [read[0]!.read]);
    expect(rows).toEqual(expected);
    expect(expected).toHaveLength(4);
  },
  RUNS * 5 + 120_000,
);
