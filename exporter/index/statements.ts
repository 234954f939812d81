/** Statements that write many rows at once, given as JSON, so that each takes one round trip. */

export const RUN_COLUMNS = `source_id, id, dag, clear_number, at_us, logical_us, queued_us, start_us, end_us, counted_us,
  tasks_total, slowest_us, run_type, state, run_id, keys`;
export const RUN_KEY_COLUMNS = 'key_id, value, at_us, source_id, run';

/** Runs ($2, with `dag`, `at_us` and `found`: [key_id, value] pairs), and their business keys beside them. */
export const UPSERT_RUNS = `with given as materialized (select * from json_to_recordset($2) as r(id bigint, dag integer, clear_number integer,
      at_us bigint, logical_us bigint, queued_us bigint, start_us bigint, end_us bigint, counted_us bigint,
      tasks_total integer, slowest_us bigint, run_type text, state text, run_id text, keys jsonb, found json)),
    stored as (insert into run (${RUN_COLUMNS})
      select $1, id, dag, clear_number, at_us, logical_us, queued_us, start_us, end_us, counted_us, tasks_total, slowest_us,
        run_type, state, run_id, keys from given
      on conflict (source_id, id) do update set clear_number = excluded.clear_number,
        logical_us = excluded.logical_us, queued_us = excluded.queued_us, start_us = excluded.start_us, end_us = excluded.end_us,
        counted_us = coalesce(excluded.counted_us, run.counted_us), tasks_total = excluded.tasks_total,
        slowest_us = excluded.slowest_us, state = excluded.state, keys = coalesce(excluded.keys, run.keys))
  insert into run_key (${RUN_KEY_COLUMNS})
  select (pair ->> 0)::bigint, pair ->> 1, given.at_us, $1, given.id
  from given, json_array_elements(given.found) as pair
  on conflict do nothing`;

/** Marks older runs whose run_id was used again by new ones ($2 id, $3 dag, $4 run_id), so that lookups no longer find them. */
export const MARK_REPLACED = `with gone as (update run set replaced = true
      from unnest($2::bigint[], $3::integer[], $4::text[]) as fresh(id, dag, run_id)
      where run.source_id = $1 and hashtext(run.run_id) = hashtext(fresh.run_id) and run.run_id = fresh.run_id
        and run.dag = fresh.dag and run.id < fresh.id and not run.replaced
      returning run.id, run.at_us, run.keys)
  delete from run_key using gone where run_key.source_id = $1 and run_key.run = gone.id and run_key.at_us = gone.at_us
    and run_key.key_id in (select k.id from business_key k where gone.keys ? k.key)`;

export const DELETE_RUNS = `with gone as (delete from run where source_id = $1 and id = any($2::bigint[]) returning id, at_us, keys)
  delete from run_key using gone where run_key.source_id = $1 and run_key.run = gone.id and run_key.at_us = gone.at_us
    and run_key.key_id in (select k.id from business_key k where gone.keys ? k.key)`;

export const UPSERT_EMITTED = `insert into emitted_task (source_id, run, task_id, map_index, end_us, try_number, start_us)
  select $1, e.run, e.task_id, e.map_index, e.end_us, e.try_number, e.start_us
  from json_to_recordset($2) as e(run bigint, task_id text, map_index integer, end_us bigint, try_number integer, start_us bigint)
  on conflict (source_id, run, task_id, map_index) do update
    set end_us = excluded.end_us, try_number = excluded.try_number, start_us = excluded.start_us`;

export const UPSERT_SERIES = `insert into series (source_id, metric, labels, count, sum_us, buckets, fence)
  select $1, s.metric, s.labels, s.count, s.sum_us, s.buckets, $3
  from json_to_recordset($2) as s(metric text, labels text[], count bigint, sum_us bigint, buckets bigint[])
  on conflict (source_id, metric, labels) do update
    set count = excluded.count, sum_us = excluded.sum_us, buckets = excluded.buckets, fence = excluded.fence,
      changed_at = clock_timestamp()`;

export const UPSERT_OUTAGE_RUNS = `insert into outage_run (source_id, from_us, run, delayed_us)
  select $1, r.from_us, r.run, r.delayed_us from json_to_recordset($2) as r(from_us bigint, run bigint, delayed_us bigint)
  on conflict (source_id, from_us, run) do update set delayed_us = excluded.delayed_us`;

/** Deletes at most $3 runs that were requested and ended before $2, of a source and of the databases that it has replaced. */
export const PRUNE_RUNS = `with old as (select source_id, id, at_us, keys from run
      where source_id = any($1::bigint[]) and at_us < $2 and coalesce(end_us, at_us) < $2 and state not in ('queued', 'running')
      order by at_us limit $3),
    gone as (delete from run using old where run.source_id = old.source_id and run.id = old.id)
  delete from run_key using old where run_key.source_id = old.source_id and run_key.run = old.id and run_key.at_us = old.at_us
    and run_key.key_id in (select k.id from business_key k where old.keys ? k.key)`;

export const PRUNE_OUTAGES = `with old as (delete from outage where source_id = any($1::bigint[]) and to_us < $2 returning source_id, from_us)
  delete from outage_run o using old where o.source_id = old.source_id and o.from_us = old.from_us`;

export const PRUNE_BREAKS = `delete from promise_break where id in (select id from promise_break
  where source_id = any($1::bigint[]) and at_us < $2 order by at_us limit $3)`;

/** Deletes verdicts of earlier days. The day that contains the moment is kept as a whole. */
export const PRUNE_PROMISE_DAYS = `delete from promise_day where ctid in (select ctid from promise_day
  where source_id = any($1::bigint[]) and day < (to_timestamp($2::bigint / 1e6) at time zone 'UTC')::date order by day limit $3)`;

export const COUNT_OUTAGES = 'update outage set counted = true where source_id = $1 and from_us = any($2::bigint[])';
