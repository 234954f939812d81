import {
  airflowPoolsQuery,
  assetParentsQuery,
  airflowSchedulersQuery,
  airflowTagsQuery,
  dueQuery,
  previousQuery,
} from './airflow2.ts';
import { componentsQuery, importErrorsQuery, unparsedQuery, unservedQuery } from './airflowUpkeep.ts';
import { airflowLimitsQuery } from './airflowLimits.ts';
import { us, type Dialect } from './dialect.ts';
import { IN_AN_ITERATION } from './iterations.ts';
import { jsonConf } from './jsonConf.ts';
import { reschedulesOf } from './reschedules.ts';
import { DAG_DATA, parseAirflowStructure } from './serializedDag.ts';
import { traceparentOf } from './traces.ts';

/** Features that depend on the minor version of an Airflow 3 database, and on what the role may read. */
export interface Airflow3Features {
  /** As in Airflow2Features. */
  tags: boolean;
  importErrors: boolean;
  triggers: boolean;
  assetEvents: boolean;
  /** 3.2: deadlines of DAGs are in their own table. */
  deadlineAlerts: boolean;
  /** The table backfill, on which a role for an older Runbeat has no rights. */
  backfills: boolean;
  /** The table backfill_dag_run. */
  backfillRuns: boolean;
  /** 3.2: the table callback, with callbacks of deadlines that an executor runs. */
  callbacks: boolean;
  /** 3.4: earlier tries stay in task_instance, where working_set marks the present ones, and map_index is called region_index. */
  attemptsInPlace: boolean;
  /** 3.3: a task may set the delay of its next try itself. */
  retryOverride: boolean;
  /** context_carrier, in both tables. */
  traces: boolean;
  /** 3.2: a pool may belong to a team. */
  teams: boolean;
  /** 3.2: the table dag_bundle_team, in which a bundle of DAGs belongs to a team. */
  bundleTeams: boolean;
  /** 3.2: the row of a DAG says whether it has reached max_active_runs, and which types of runs it allows. */
  runRules: boolean;
  /** 3.4: the table dynamic_region, which distinguishes mapped tasks in iterations of a loop. */
  regions: boolean;
  /** 3.2: see reschedulesOf. */
  reschedulesIndexed: boolean;
  /** 3.4: a DAG that is draining gets no new runs. */
  draining: boolean;
}

/** Airflow 3.0 to 3.4. conf is JSONB, and tasks name the version of the DAG that they were created from. */
export function airflow3Dialect(version: string, features: Airflow3Features): Dialect {
  const { attemptsInPlace } = features;
  const mapIndex = mapIndexOf(features);
  const retryOverride = features.retryOverride
    ? `when t.state = 'up_for_retry' then ${us('t.end_date + make_interval(secs => t.retry_delay_override)')}`
    : '';
  // For a task that waits for a retry, 3.4 stores the number of the next try, and earlier versions that of the failed one.
  const tryNumber = attemptsInPlace
    ? `t.try_number - (t.state is not distinct from 'up_for_retry')::int as try_number`
    : 't.try_number';
  const ordinal = features.backfillRuns
    ? `case when r.backfill_id is not null then (select b.sort_ordinal from backfill_dag_run b
        where b.backfill_id = r.backfill_id and b.dag_run_id = r.id) end`
    : 'null::int';
  const team = features.bundleTeams
    ? '(select g.team_name from dag_bundle_team g where g.dag_bundle_name = d.bundle_name)'
    : 'null';
  const { rescheduled, nextPoke, query: reschedulesQuery } = reschedulesOf(features.reschedulesIndexed);
  const current = (alias: string): string => (attemptsInPlace ? `and ${alias}.working_set is true` : '');
  return {
    kind: 'airflow3',
    version,
    ...jsonConf,
    runTable: 'dag_run',
    runColumns: `r.id, r.dag_id, r.run_id, r.run_type, r.state, r.clear_number, ${us('r.logical_date')} as logical_us,
      case when r.run_type = 'scheduled' then ${us('r.run_after')} end as due_us, ${us('r.queued_at')} as queued_us,
      ${us('r.start_date')} as start_us, ${us('r.end_date')} as end_us, ${us('r.run_after')} as after_us,
      ${us('r.last_scheduling_decision')} as decided_us, r.backfill_id, ${ordinal} as backfill_ordinal, r.created_dag_version_id::text as version`,
    taskSource: `task_instance t on t.dag_id = w.dag_id and t.run_id = w.run_id ${current('t')}`,
    stateColumns: `t.task_id, ${mapIndex} as map_index, t.state, ${us('t.scheduled_dttm')} as scheduled_us,
      ${us('t.queued_dttm')} as queued_us, ${us('t.start_date')} as start_us, ${us('t.end_date')} as end_us`,
    pastColumns: `${tryNumber}, coalesce(t.max_tries, 0) as max_tries,
      ${rescheduled}, t.operator, t.pool, t.queue, t.hostname, t.dag_version_id::text as version`,
    waitColumns: `case when t.state = 'up_for_reschedule' then ${nextPoke} ${retryOverride} end as next_try_us,
      ${us('t.trigger_timeout')} as trigger_timeout_us, t.pool_slots, t.priority_weight, t.executor`,
    reschedulesQuery,
    attemptsQuery: attemptsInPlace ? attemptsInPlaceQuery(mapIndex) : ATTEMPTS_IN_HISTORY,
    pokesQuery: `select t.task_id, ${mapIndex} as map_index, ${us('min(s.start_date)')} as first_us
      from task_instance t join task_reschedule s on s.ti_id = t.id
      where $1::bigint is not null and t.dag_id = $2 and t.run_id = $3 ${current('t')} group by 1, 2`,
    previousQuery: previousQuery('logical_date', mapIndex, current('t')),
    traceparentOf: features.traces ? traceparentOf : () => 'null',
    schedulersQuery: airflowSchedulersQuery,
    componentsQuery,
    importErrorsQuery: features.importErrors ? importErrorsQuery : null,
    unservedQuery: features.triggers ? unservedQuery(current('t')) : null,
    unparsedQuery: unparsedQuery('not d.is_stale'),
    dagsQuery: `select d.dag_id, nullif(d.owners, '') as owner, '{}'::text[] as tags, coalesce(d.is_paused, false) as is_paused, d.max_active_tasks, coalesce(d.max_active_runs, 16) as max_active_runs,
        ${us('d.next_dagrun_create_after')} as next_run_us, null as lane,
        ${team} as team
      from dag d where not d.is_stale`,
    limitsQuery: airflowLimitsQuery(features.deadlineAlerts),
    tagsQuery: features.tags ? airflowTagsQuery : null,
    poolsQuery: airflowPoolsQuery(features.teams ? 'p.team_name' : 'null'),
    parkedCountForTask: features.runRules,
    windowPerRun: features.runRules,
    backfillsExaminedLast: !attemptsInPlace,
    dueQuery: dueQuery(dueCondition(features)),
    backfillsQuery: features.backfills
      ? 'select b.id, b.is_paused, b.max_active_runs from backfill b where b.completed_at is null'
      : null,
    canReadBackfills: features.backfills,
    callbacksQuery: features.callbacks
      ? "select count(*)::int as count from callback c where c.type = 'executor' and c.state in ('queued', 'running')"
      : null,
    structuresQuery: `select s.dag_id, s.dag_version_id::text as version, s.dag_hash, ${DAG_DATA} from serialized_dag s
      where s.dag_version_id = any(array_remove($2::text[], null)::uuid[]) and s.dag_id = any($1::text[])`,
    hashesQuery: `select s.dag_id, s.dag_version_id::text as version, s.dag_hash from serialized_dag s
      where s.dag_version_id = any(array_remove($2::text[], null)::uuid[]) and s.dag_id = any($1::text[])`,
    parseStructure: (row) => parseAirflowStructure(row, { teardownsWait: features.runRules }),
    triggeredByColumn: 'null',
    assetParentsQuery: features.assetEvents ? assetParentsQuery('asset') : null,
    logQuery: null,
  };
}

/**
 * Airflow creates no run of a DAG that it believes to be at its limit. It updates that belief when a run ends by itself or the DAG is
 * parsed, but not when a person ends a run. So the number of runs alone does not show whether a run can be created.
 */
function dueCondition({ draining, runRules }: Airflow3Features): string {
  const allowsScheduled = `coalesce(nullif(d.allowed_run_types::text, 'null'), 'scheduled') like '%scheduled%'`;
  return [
    'not d.is_stale',
    ...(draining ? ['not d.is_draining'] : []),
    ...(runRules ? ['not d.exceeds_max_non_backfill', allowsScheduled] : []),
  ].join(' and ');
}

/**
 * The map index of `task_instance t`. In Airflow 3.4, a task that is mapped inside a loop has the same indexes in each iteration, and
 * its region says which iteration it is: instance 2 in iteration 0 gets the index 1,000,002. Nested regions of one task are not
 * distinguished.
 */
function mapIndexOf({ attemptsInPlace, regions }: Airflow3Features): string {
  if (!attemptsInPlace) return 't.map_index';
  if (!regions) return 't.region_index';
  return `coalesce((select (g.parent_region_index + 1) * ${IN_AN_ITERATION} + t.region_index from dynamic_region g
      where g.id = t.region_id and g.parent_region_index is not null), t.region_index)`;
}

const ATTEMPT = (alias: string, mapIndex: string): string =>
  `${alias}.task_id, ${mapIndex} as map_index, ${alias}.try_number, ${alias}.state,
    ${us(`${alias}.scheduled_dttm`)} as scheduled_us, ${us(`${alias}.queued_dttm`)} as queued_us,
    ${us(`${alias}.start_date`)} as start_us, ${us(`${alias}.end_date`)} as end_us, ${alias}.hostname`;

const ATTEMPTS_IN_HISTORY = `select ${ATTEMPT('h', 'h.map_index')}
  from task_instance_history h where $1::bigint is not null and h.dag_id = $2 and h.run_id = $3
      and h.task_id in (select t.task_id from task_instance t where t.dag_id = $2 and t.run_id = $3)
  order by h.task_id, h.map_index, h.try_number`;

const attemptsInPlaceQuery = (mapIndex: string): string => `select ${ATTEMPT('t', mapIndex)}
  from task_instance t where $1::bigint is not null and t.dag_id = $2 and t.run_id = $3 and t.working_set is not true
  order by t.task_id, 2, t.try_number`;
