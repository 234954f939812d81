import type { SerializedTask } from '../../shared/dag.ts';
import { NOW_US, us, type Dialect } from './dialect.ts';
import { jsonConf } from './jsonConf.ts';
import type { DagStructure } from './structure.ts';

const PACKAGE = 'Runbeat scheduler';

/** The bundled scheduler (schema `runbeat`). All its timestamps come from the database's clock. */
export function runbeatDialect(): Dialect {
  return {
    kind: 'runbeat',
    version: PACKAGE,
    ...jsonConf,
    runTable: 'runbeat.dag_run',
    runColumns: `r.id, r.dag_id, r.run_id, r.run_type, r.state, r.clear_number, ${us('r.logical_date')} as logical_us,
      case when r.run_type = 'scheduled' then ${us('r.logical_date')} end as due_us, ${us('r.queued_at')} as queued_us,
      ${us('r.start_date')} as start_us, ${us('r.end_date')} as end_us, null::bigint as after_us,
      ${us('r.last_scheduling_decision')} as decided_us, null::bigint as backfill_id, null::int as backfill_ordinal, r.dag_version_id::text as version`,
    taskSource: 'runbeat.task_instance t on t.dag_run_id = w.run',
    stateColumns: `t.task_id, t.map_index, t.state, ${us('t.scheduled_dttm')} as scheduled_us,
      ${us('t.queued_dttm')} as queued_us, ${us('t.start_date')} as start_us, ${us('t.end_date')} as end_us`,
    pastColumns: `t.try_number, t.max_tries, t.reschedules > 0 as rescheduled, t.operator, t.pool, t.queue, t.hostname, null as version`,
    waitColumns: `${us('t.next_try_at')} as next_try_us, null::bigint as trigger_timeout_us, t.pool_slots, t.priority_weight,
      null as executor`,
    attemptsQuery: `select h.task_id, h.map_index, h.try_number, h.state, ${us('h.scheduled_dttm')} as scheduled_us,
        ${us('h.queued_dttm')} as queued_us, ${us('h.start_date')} as start_us, ${us('h.end_date')} as end_us, h.hostname
      from runbeat.task_instance_history h where h.dag_run_id = $1 and $2::text is not null and $3::text is not null
      order by h.task_id, h.map_index, h.try_number`,
    reschedulesQuery: null,
    pokesQuery: null,
    previousQuery: null,
    traceparentOf: () => 'null',
    schedulersQuery: `select j.id as job_id, j.hostname, j.lane, j.state, ${us('j.start_date')} as start_us,
        ${us('j.latest_heartbeat')} as heartbeat_us, ${us('j.end_date')} as end_us,
        ${us('j.heartbeat_clock')} - ${us('j.latest_heartbeat')} as skew_us,
        ${NOW_US} as read_us
      from runbeat.job j where j.job_type = 'SchedulerJob' order by j.latest_heartbeat desc limit 100`,
    componentsQuery: null,
    importErrorsQuery: `select e.fileloc as file, ${us('e.timestamp')} as since_us, e.message as error, count(*) over ()::int as total
      from runbeat.import_error e order by e.timestamp, e.fileloc`,
    unservedQuery: null,
    unparsedQuery: null,
    dagsQuery: `select d.dag_id, d.owner, array(select unnest(d.tags) order by 1) as tags, d.is_paused, d.max_active_tasks, d.max_active_runs,
        ${us('d.next_dagrun_create_after')} as next_run_us, d.lane, null as team
      from runbeat.dag d where not d.is_stale`,
    limitsQuery: null,
    tagsQuery: null,
    poolsQuery: 'select p.pool, p.slots, false as include_deferred, null as team from runbeat.slot_pool p',
    parkedCountForTask: false,
    windowPerRun: false,
    backfillsExaminedLast: false,
    dueQuery: `select d.dag_id, ${us('d.next_dagrun_create_after')} as next_us from runbeat.dag d
      where d.next_dagrun_create_after <= clock_timestamp() and not d.is_paused and not d.is_stale`,
    backfillsQuery: null,
    callbacksQuery: null,
    canReadBackfills: true,
    structuresQuery: `select v.dag_id, v.id::text as version, v.data from runbeat.dag_version v
      where v.id = any(array_remove($2::text[], null)::bigint[]) and v.dag_id = any($1::text[])`,
    hashesQuery: null,
    parseStructure: (row) =>
      Promise.resolve({
        ref: { dag_id: row.dag_id as string, version: row.version as string },
        structure: structureOf((row.data as { tasks: SerializedTask[] }).tasks),
      }),
    triggeredByColumn: 'r.triggered_by',
    assetParentsQuery: null,
    // Parts of a try's output are ordered by time, because 0.1.0 does not number them.
    logQuery: `with sized as (
        select l.task_id, l.map_index, l.try_number, sum(octet_length(l.content)) as bytes, bool_or(l.truncated) as truncated
        from runbeat.task_log l where l.dag_run_id = $1 and (l.task_id, l.map_index, l.try_number) > ($2, $3, $4)
          and l.task_id = coalesce($7, l.task_id) and l.map_index = coalesce($8, l.map_index)
          and l.try_number = coalesce($9, l.try_number)
        group by l.task_id, l.map_index, l.try_number order by l.task_id, l.map_index, l.try_number limit $5),
      counted as (select *, sum(bytes) over first as total, row_number() over first as n from sized
        window first as (order by task_id, map_index, try_number))
      select c.task_id, c.map_index, c.try_number, c.truncated, (select count(*) from counted) as found, (select right(string_agg(l.content, '' order by l.updated_at), $6)
          from runbeat.task_log l where l.dag_run_id = $1 and l.task_id = c.task_id and l.map_index = c.map_index
            and l.try_number = c.try_number) as text
      from counted c where c.n < $5 and (c.n = 1 or c.total <= $6) order by c.task_id, c.map_index, c.try_number`,
  };
}

function structureOf(tasks: readonly SerializedTask[]): DagStructure {
  return new Map(
    tasks.map((task) => [
      task.task_id,
      {
        task_id: task.task_id,
        upstream_task_ids: task.upstream_task_ids,
        scope_task_ids: [],
        trigger_rule: task.trigger_rule,
        is_setup: false,
        is_teardown: false,
        operator: task.kind,
        task_group: task.task_group,
        mapped_group: null,
        loop: null,
        depends_on_past: false,
        past_without_manual: false,
        waits_for_downstream: false,
        max_active_instances: null,
        max_active_per_run: null,
        is_sensor: task.kind === 'sensor',
        is_empty: false,
        retry: {
          delay_us: task.retry_delay_seconds * 1e6,
          factor: task.retry_exponential_backoff ? 2 : 1,
          max_delay_us: task.max_retry_delay_seconds === null ? null : task.max_retry_delay_seconds * 1e6,
        },
      },
    ]),
  );
}
