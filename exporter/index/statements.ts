/** Statements that write many rows at once, given as JSON: one round trip each, whatever their number. */

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
  select (pair ->> 0)::smallint, pair ->> 1, given.at_us, $1, given.id
  from given, json_array_elements(given.found) as pair
  on conflict do nothing`;

export const DELETE_RUNS = `with gone as (delete from run where source_id = $1 and id = any($2::bigint[]) returning id, at_us, keys)
  delete from run_key using gone where run_key.source_id = $1 and run_key.run = gone.id and run_key.at_us = gone.at_us
    and run_key.key_id in (select k.id from business_key k where gone.keys ? k.key)`;

export const UPSERT_EMITTED = `insert into emitted_task (source_id, run, task_id, map_index, end_us)
  select $1, e.run, e.task_id, e.map_index, e.end_us
  from json_to_recordset($2) as e(run bigint, task_id text, map_index integer, end_us bigint)
  on conflict (source_id, run, task_id, map_index) do update set end_us = excluded.end_us`;

export const UPSERT_SERIES = `insert into series (source_id, metric, labels, count, sum_us, buckets)
  select $1, s.metric, s.labels, s.count, s.sum_us, s.buckets
  from json_to_recordset($2) as s(metric text, labels text[], count bigint, sum_us bigint, buckets bigint[])
  on conflict (source_id, metric, labels) do update
    set count = excluded.count, sum_us = excluded.sum_us, buckets = excluded.buckets`;

export const UPSERT_OUTAGE_RUNS = `insert into outage_run (source_id, from_us, run, delayed_us)
  select $1, r.from_us, r.run, r.delayed_us from json_to_recordset($2) as r(from_us bigint, run bigint, delayed_us bigint)
  on conflict (source_id, from_us, run) do update set delayed_us = excluded.delayed_us`;
