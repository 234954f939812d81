import { componentsQuery, importErrorsQuery, unparsedQuery, unservedQuery } from './airflowUpkeep.ts';
import { airflowLimitsQuery } from './airflowLimits.ts';
import { NOW_US, us, type Dialect } from './dialect.ts';
import { shownConf, valuesAt } from './confValues.ts';
import { collectKeys } from './keys.ts';
import { decodePickle, PickleError } from './pickle.ts';
import { DAG_DATA, parseAirflowStructure } from './serializedDag.ts';

/** Features that depend on the minor version of an Airflow 2 database, and on what the role may read. */
export interface Airflow2Features {
  /** dag_run.clear_number, since 2.8. */
  clearNumber: boolean;
  /** task_instance_history, since 2.10. */
  history: boolean;
  /** task_instance.executor, since 2.10. */
  executors: boolean;
  /** The table dag_tag, on which a role for an older Runbeat has no rights. */
  tags: boolean;
  /** The tables import_error, trigger and those of asset events, likewise. */
  importErrors: boolean;
  triggers: boolean;
  assetEvents: boolean;
}

/** A larger conf is not decoded. */
const MAX_PICKLE_BYTES = 64 * 1024;

/**
 * Airflow 2.7 to 2.11. conf is a pickle, which is decoded here. There is no timestamp of when the scheduler noticed a task. Airflow
 * keeps only the newest structure of a DAG, so it is used for a run only if dag_run.dag_hash shows that it is the same.
 */
export function airflow2Dialect(version: string, features: Airflow2Features): Dialect {
  return {
    kind: 'airflow2',
    version,
    runTable: 'dag_run',
    runColumns: `r.id, r.dag_id, r.run_id, r.run_type, r.state, ${features.clearNumber ? 'r.clear_number' : '0 as clear_number'},
      ${us('r.execution_date')} as logical_us,
      case when r.run_type = 'scheduled' then ${us('r.data_interval_end')} end as due_us, ${us('r.queued_at')} as queued_us,
      ${us('r.start_date')} as start_us, ${us('r.end_date')} as end_us, ${us('r.execution_date')} as after_us,
      ${us('r.last_scheduling_decision')} as decided_us, null::bigint as backfill_id, null::int as backfill_ordinal, r.dag_hash as version`,
    keyColumns: (rules) =>
      rules.some((rule) => rule.from === 'conf')
        ? `, case when octet_length(r.conf) <= ${MAX_PICKLE_BYTES} then r.conf end as pickle, octet_length(r.conf) as pickle_size`
        : '',
    keysOf: (row, rules) => {
      const { conf, refused } = unpickle(row.pickle as Buffer | null, Number(row.pickle_size ?? 0));
      return collectKeys(rules, row.run_id as string, (rule) => valuesAt(conf, rule.path), refused);
    },
    confColumn: `case when octet_length(r.conf) > ${MAX_PICKLE_BYTES} then '\\x'::bytea else r.conf end`,
    parseConf: (raw) => {
      const pickle = raw as Buffer | null;
      const { conf, refused } = unpickle(pickle, pickle?.length === 0 ? MAX_PICKLE_BYTES + 1 : 0);
      return refused ? { conf: null, note: `Its conf could not be read (${refused}).` } : shownConf(conf);
    },
    taskSource: 'task_instance t on t.dag_id = w.dag_id and t.run_id = w.run_id',
    stateColumns: `t.task_id, t.map_index, t.state, null::bigint as scheduled_us, ${us('t.queued_dttm')} as queued_us,
      ${us('t.start_date')} as start_us, ${us('t.end_date')} as end_us`,
    pastColumns: `coalesce(t.try_number, 0) as try_number, coalesce(t.max_tries, 0) as max_tries,
      t.state in ('success', 'failed') and exists (select from task_reschedule s where s.dag_id = t.dag_id
        and s.task_id = t.task_id and s.run_id = t.run_id and s.map_index = t.map_index) as rescheduled,
      t.operator, t.pool, t.queue, t.hostname, null as version`,
    waitColumns: `case when t.state = 'up_for_reschedule' then (select ${us('max(s.reschedule_date)')} from task_reschedule s
        where s.dag_id = t.dag_id and s.task_id = t.task_id and s.run_id = t.run_id and s.map_index = t.map_index) end as next_try_us,
      ${us("t.trigger_timeout at time zone 'utc'")} as trigger_timeout_us, t.pool_slots, t.priority_weight,
      ${features.executors ? 't.executor' : 'null as executor'}`,
    reschedulesQuery: null,
    attemptsQuery: features.history
      ? `select h.task_id, h.map_index, h.try_number, h.state, null::bigint as scheduled_us,
          ${us('h.queued_dttm')} as queued_us, ${us('h.start_date')} as start_us, ${us('h.end_date')} as end_us, h.hostname
        from task_instance_history h where $1::bigint is not null and h.dag_id = $2 and h.run_id = $3
            and h.task_id in (select t.task_id from task_instance t where t.dag_id = $2 and t.run_id = $3)
        order by h.task_id, h.map_index, h.try_number`
      : null,
    pokesQuery: `select s.task_id, s.map_index, ${us('min(s.start_date)')} as first_us from task_reschedule s
      where $1::bigint is not null and s.dag_id = $2 and s.run_id = $3 group by s.task_id, s.map_index`,
    previousQuery: previousQuery('execution_date', 't.map_index'),
    traceparentOf: () => 'null',
    schedulersQuery: airflowSchedulersQuery,
    componentsQuery,
    importErrorsQuery: features.importErrors ? importErrorsQuery : null,
    unservedQuery: features.triggers ? unservedQuery('') : null,
    unparsedQuery: unparsedQuery('d.is_active'),
    dagsQuery: `select d.dag_id, nullif(d.owners, '') as owner, '{}'::text[] as tags, coalesce(d.is_paused, false) as is_paused, d.max_active_tasks,
        coalesce(d.max_active_runs, 16) as max_active_runs, ${us('d.next_dagrun_create_after')} as next_run_us, null as lane, null as team
      from dag d where d.is_active`,
    limitsQuery: airflowLimitsQuery(false),
    tagsQuery: features.tags ? airflowTagsQuery : null,
    poolsQuery: airflowPoolsQuery('null'),
    parkedCountForTask: false,
    windowPerRun: false,
    backfillsExaminedLast: false,
    dueQuery: dueQuery('d.is_active'),
    backfillsQuery: null,
    callbacksQuery: null,
    canReadBackfills: true,
    structuresQuery: `select s.dag_id, s.dag_hash as version, ${DAG_DATA} from serialized_dag s
      where s.dag_id = any($1::text[]) and $2::text[] is not null`,
    hashesQuery: null,
    parseStructure: (row) => parseAirflowStructure(row, { teardownsWait: false }),
    triggeredByColumn: 'null',
    assetParentsQuery: features.assetEvents ? assetParentsQuery('dataset') : null,
    logQuery: null,
  };
}

export const airflowTagsQuery = 'select g.dag_id, g.name as tag from dag_tag g order by g.dag_id, g.name';

export function airflowPoolsQuery(team: string): string {
  return `select p.pool, p.slots, p.include_deferred, ${team} as team from slot_pool p`;
}

/** Finds the runs whose asset events started the given runs. Airflow has an index for each step. */
export function assetParentsQuery(asset: 'asset' | 'dataset'): string {
  return `select distinct a.dag_run_id::bigint as run, e.source_dag_id as dag_id, e.source_run_id as run_id
    from dagrun_${asset}_event a join ${asset}_event e on e.id = a.event_id
    where a.dag_run_id = any($1::bigint[]) and e.source_run_id is not null`;
}

/** DAGs for which the scheduler creates runs, through Airflow's index on next_dagrun_create_after. */
export function dueQuery(condition: string): string {
  return `select d.dag_id, ${us('d.next_dagrun_create_after')} as next_us from dag d
    where d.next_dagrun_create_after <= clock_timestamp() and not coalesce(d.is_paused, false)
      and not coalesce(d.has_import_errors, false) and ${condition}`;
}

/** Through the unique index on (dag_id, logical date) that all versions have. */
export function previousQuery(logicalDate: string, mapIndex: string, current = ''): string {
  return `select t.run_id, t.task_id, ${mapIndex} as map_index, t.state, ${us('t.end_date')} as end_us
    from (select p.dag_id, p.run_id from dag_run p where p.dag_id = $2 and not ($3 and p.run_type = 'manual')
        and p.${logicalDate} < (select r.${logicalDate} from dag_run r where r.id = $1)
      order by p.${logicalDate} desc limit 1) previous
    join task_instance t on t.dag_id = previous.dag_id and t.run_id = previous.run_id ${current}`;
}

export const airflowSchedulersQuery = `select j.id as job_id, j.hostname, null as lane, coalesce(j.state, 'unknown') as state,
    ${us('j.start_date')} as start_us, ${us('j.latest_heartbeat')} as heartbeat_us, ${us('j.end_date')} as end_us,
    null::bigint as skew_us, ${NOW_US} as read_us
  from job j where j.job_type = 'SchedulerJob' and j.latest_heartbeat is not null
  order by j.latest_heartbeat desc limit 100`;

function unpickle(pickle: Buffer | null, size: number): { conf: unknown; refused: string | null } {
  if (size > MAX_PICKLE_BYTES) return { conf: null, refused: 'too_large' };
  if (!pickle) return { conf: null, refused: null };
  try {
    return { conf: decodePickle(pickle), refused: null };
  } catch (error) {
    if (error instanceof PickleError) return { conf: null, refused: error.reason };
    throw error;
  }
}
