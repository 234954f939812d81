import type pg from 'pg';
import type { PromiseKind } from '../../shared/api.ts';
import type { Micros } from '../sources/rows.ts';

/** A past success; `forUs` is the moment that the run was for. */
export interface RecentSuccess {
  run: number;
  forUs: Micros;
  endUs: Micros;
}

/** The state of one DAG that promises need. */
export interface DagState {
  dag_id: string;
  owner: string | null;
  tags: readonly string[];
  is_paused: boolean;
  next_run_us: Micros | null;
  watched_us: Micros;
  resumed_us: Micros | null;
  last_run_us: Micros | null;
  last_success_us: Micros | null;
  recent: readonly RecentSuccess[];
  asked_us: readonly Micros[];
}

export interface VerdictRow {
  promise: string;
  kind: PromiseKind;
  dag_id: string;
  kept: boolean;
  at_us: Micros;
  run: number | null;
  day: string | null;
  /** Business key of a journey; null for other promises. */
  key: string | null;
  value: string | null;
}

/** A value of a business key that has arrived and is not decided yet. */
export interface ArrivalRow {
  promise: string;
  dag_id: string;
  key: string;
  value: string;
  run: number;
  at_us: Micros;
}

interface StateRow {
  promise: string;
  dag_id: string;
  kind: PromiseKind;
  state: unknown;
}

/** The changes of one poll, written in its transaction. */
export interface PromiseDelta {
  dags: readonly DagState[];
  goneDags: readonly string[];
  states: readonly StateRow[];
  /** Promises that no longer exist: their states and arrivals are deleted. */
  forgotten: readonly Pick<StateRow, 'promise' | 'dag_id'>[];
  newArrivals: readonly ArrivalRow[];
  judgedArrivals: readonly Pick<ArrivalRow, 'promise' | 'dag_id' | 'run' | 'value'>[];
  verdicts: readonly VerdictRow[];
  marks: readonly { run: number; promise: string }[];
  /** Runs that are no longer active, or were deleted: their marks are deleted. */
  settledRuns: readonly number[];
}

export interface LoadedPromises {
  dags: DagState[];
  states: StateRow[];
  marks: { run: number; promise: string }[];
  arrivals: ArrivalRow[];
}

/** State of the promises of a source, by the source's name; empty if the source is not known yet. */
export async function loadPromises(pool: pg.Pool, source: string): Promise<LoadedPromises> {
  const id = `(select id from source where name = $1)`;
  const read = async <Row extends pg.QueryResultRow>(sql: string): Promise<Row[]> =>
    (await pool.query<Row>(sql, [source])).rows;
  const columns = `dag_id, owner, tags, is_paused, next_run_us, watched_us, resumed_us, last_run_us, last_success_us, recent, asked_us`;
  const dags = await read<DagState & pg.QueryResultRow>(`select ${columns} from dag_state where source_id = ${id}`);
  return {
    dags: dags.length > 0 ? dags : await read<DagState & pg.QueryResultRow>(SEED_DAGS),
    states: await read(`select promise, dag_id, kind, state from promise_state where source_id = ${id}`),
    marks: await read(`select run, promise from promise_mark where source_id = ${id}`),
    arrivals: await read(
      `select promise, dag_id, key, value, run, at_us from promise_arrival where source_id = ${id} order by at_us, run`,
    ),
  };
}

/** Initial state of DAGs for an index that has runs but no state for promises yet. */
const SEED_DAGS = `select d.dag_id, null as owner, '{}'::text[] as tags, false as is_paused, null::bigint as next_run_us,
    s.first_seen_us as watched_us, null::bigint as resumed_us, max(r.end_us) as last_run_us,
    max(r.end_us) filter (where r.state = 'success') as last_success_us,
    coalesce(jsonb_agg(jsonb_build_object('run', r.id, 'endUs', r.end_us, 'forUs',
        case when r.run_type = 'scheduled' then coalesce(r.queued_us, r.logical_us) else coalesce(r.logical_us, r.queued_us) end)
      order by r.end_us) filter (where r.state = 'success' and coalesce(r.logical_us, r.queued_us) is not null), '[]') as recent,
    array_agg(r.at_us order by r.at_us) as asked_us
  from source s join dag d on d.source_id = s.id
  cross join lateral (select * from run where run.dag = d.id and run.end_us is not null
    order by run.at_us desc limit 8) r
  where s.name = $1 and s.first_seen_us is not null group by d.dag_id, s.first_seen_us`;

export async function savePromises(client: pg.PoolClient, sourceId: number, delta: PromiseDelta): Promise<void> {
  const write = async (sql: string, rows: readonly unknown[]): Promise<void> => {
    if (rows.length > 0) await client.query(sql, [sourceId, JSON.stringify(rows)]);
  };
  await write(UPSERT_DAGS, delta.dags);
  await write(DELETE_DAGS, delta.goneDags);
  await write(DELETE_STATES, delta.forgotten);
  await write(DELETE_ALL_ARRIVALS, delta.forgotten);
  await write(DELETE_ARRIVALS, delta.judgedArrivals);
  await write(ADD_ARRIVALS, delta.newArrivals);
  await write(UPSERT_STATES, delta.states);
  await write(COUNT_DAYS, delta.verdicts);
  await write(
    ADD_BREAKS,
    delta.verdicts.filter((verdict) => !verdict.kept),
  );
  await write(ADD_MARKS, delta.marks);
  await write(DELETE_MARKS, delta.settledRuns);
}

const UPSERT_DAGS = `insert into dag_state (source_id, dag_id, owner, tags, is_paused, next_run_us, watched_us, resumed_us,
    last_run_us, last_success_us, recent, asked_us)
  select $1, d.dag_id, d.owner, d.tags, d.is_paused, d.next_run_us, d.watched_us, d.resumed_us, d.last_run_us,
    d.last_success_us, d.recent, d.asked_us
  from json_to_recordset($2) as d(dag_id text, owner text, tags text[], is_paused boolean, next_run_us bigint, watched_us bigint,
    resumed_us bigint, last_run_us bigint, last_success_us bigint, recent jsonb, asked_us bigint[])
  on conflict (source_id, dag_id) do update set owner = excluded.owner, tags = excluded.tags, is_paused = excluded.is_paused,
    next_run_us = excluded.next_run_us, resumed_us = excluded.resumed_us, last_run_us = excluded.last_run_us,
    last_success_us = excluded.last_success_us, recent = excluded.recent, asked_us = excluded.asked_us`;

const DELETE_DAGS = `delete from dag_state where source_id = $1 and dag_id in (select json_array_elements_text($2::json))`;

const DELETE_STATES = `delete from promise_state s using json_to_recordset($2) as g(promise text, dag_id text)
  where s.source_id = $1 and s.promise = g.promise and s.dag_id = g.dag_id`;

const UPSERT_STATES = `insert into promise_state (source_id, promise, dag_id, kind, state)
  select $1, s.promise, s.dag_id, s.kind, s.state
  from json_to_recordset($2) as s(promise text, dag_id text, kind text, state jsonb)
  on conflict (source_id, promise, dag_id) do update set kind = excluded.kind, state = excluded.state`;

const COUNT_DAYS = `insert into promise_day (source_id, promise, dag_id, day, kept, broken)
  select $1, v.promise, v.dag_id, (to_timestamp(v.at_us / 1e6) at time zone 'UTC')::date,
    count(*) filter (where v.kept), count(*) filter (where not v.kept)
  from json_to_recordset($2) as v(promise text, dag_id text, at_us bigint, kept boolean) group by 2, 3, 4
  on conflict (source_id, promise, dag_id, day) do update
    set kept = promise_day.kept + excluded.kept, broken = promise_day.broken + excluded.broken`;

const ADD_BREAKS = `insert into promise_break (source_id, promise, kind, dag_id, at_us, run, day, key, value)
  select $1, v.promise, v.kind, v.dag_id, v.at_us, v.run, v.day, v.key, v.value
  from json_to_recordset($2) as v(promise text, kind text, dag_id text, at_us bigint, run bigint, day text, key text, value text)`;

const ADD_ARRIVALS = `insert into promise_arrival (source_id, promise, dag_id, key, value, run, at_us)
  select $1, a.promise, a.dag_id, a.key, a.value, a.run, a.at_us
  from json_to_recordset($2) as a(promise text, dag_id text, key text, value text, run bigint, at_us bigint) on conflict do nothing`;

const DELETE_ARRIVALS = `delete from promise_arrival a
  using json_to_recordset($2) as g(promise text, dag_id text, run bigint, value text)
  where a.source_id = $1 and a.promise = g.promise and a.dag_id = g.dag_id and a.run = g.run and a.value = g.value`;

const DELETE_ALL_ARRIVALS = `delete from promise_arrival a using json_to_recordset($2) as g(promise text, dag_id text)
  where a.source_id = $1 and a.promise = g.promise and a.dag_id = g.dag_id`;

const ADD_MARKS = `insert into promise_mark (source_id, run, promise)
  select $1, m.run, m.promise from json_to_recordset($2) as m(run bigint, promise text) on conflict do nothing`;

const DELETE_MARKS = `delete from promise_mark where source_id = $1 and run in (select json_array_elements_text($2::json)::bigint)`;
